import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseYaml } from '@medley/config/yaml';
import { isRecord } from './json.ts';

/** An object of Kubernetes, as plain data. */
export type KubeObject = Readonly<Record<string, unknown>>;

/** The chart's folder. */
export const CHART = fileURLToPath(new URL('../../../deploy/helm/medley/', import.meta.url));
/** What the chart is rendered for: a namespace, and the oldest Kubernetes of which the schemas are at hand. */
export const NAMESPACE = 'media';
export const KUBE_VERSION = '1.36.0';

const LIMIT_MS = 60_000;
const run = promisify(execFile);

/** The names of the values files in the chart's `ci/`, without `-values.yaml`. */
export function listCases(): string[] {
  return readdirSync(`${CHART}ci/`).map((file) => file.replace(/-values\.yaml$/, '')).toSorted();
}

/** The path of a case's values file. */
export function valuesOf(name: string): string {
  return `${CHART}ci/${name}-values.yaml`;
}

/** What `helm template` prints for values files or further options. Throws with what helm says if it refuses. */
export async function renderText(helm: string, options: readonly string[]): Promise<string> {
  const args = ['template', 'medley', CHART, '--namespace', NAMESPACE, '--kube-version', KUBE_VERSION, ...options];
  const { stdout } = await run(helm, args, { maxBuffer: 64 * 2 ** 20, timeout: LIMIT_MS });
  return withoutChance(stdout);
}

/** The objects in a rendered text. */
export function parseObjects(text: string): KubeObject[] {
  return text.split(/^---$/m).map(parseYaml).filter(isRecord);
}

/** What is drawn by lot at each rendering says nothing; nor do empty lines, of which Helm 4 leaves more. */
function withoutChance(text: string): string {
  return text.replace(/^( {2}(?:grpc-token|s3-access-key|s3-secret-key|scanner-token|test-token): )[A-Za-z0-9]{20,}$/gm, '$1generated').replace(/\n(?: *\n)+/g, '\n');
}
