import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Dashboard, toGrafana } from './dashboard.ts';
import { gateway } from './gateway.ts';
import { grpc } from './grpc.ts';
import { internet } from './internet.ts';
import { limits } from './limits.ts';
import { overview } from './overview.ts';
import { stores } from './stores.ts';
import { thumbnails } from './thumbnails.ts';

export const DASHBOARDS: readonly Dashboard[] = [overview, gateway, grpc, thumbnails, internet, stores, limits];
export const RULES = toPath('prometheus/medley.rules.yaml');
/** The chart carries copies, since Helm reads nothing outside of it. */
const RULES_OF_CHART = toPath('helm/medley/files/rules/medley.rules.yaml');

/** A file that is made, and what must stand in it. */
export interface MadeFile {
  readonly path: string;
  readonly text: string;
}

/** Everything that is made of the dashboards here and of the rules. */
export async function madeFiles(): Promise<readonly MadeFile[]> {
  const dashboards = DASHBOARDS.flatMap((dashboard) => {
    const text = `${JSON.stringify(toGrafana(dashboard), null, 2)}\n`;
    return ['grafana', 'helm/medley/files/dashboards'].map((folder) => ({ path: toPath(`${folder}/${dashboard.uid}.json`), text }));
  });
  return [...dashboards, { path: RULES_OF_CHART, text: await readFile(RULES, 'utf8') }];
}

function toPath(name: string): string {
  return fileURLToPath(new URL(`../../../../deploy/${name}`, import.meta.url));
}

if (import.meta.main) {
  for (const { path, text } of await madeFiles()) await writeFile(path, text);
}
