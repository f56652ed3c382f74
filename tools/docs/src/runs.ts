import { readBlocks } from './markdown.ts';
import type { Page } from './pages.ts';

/** The pages whose commands are run, and the test that runs all of those that are not marked. */
export const RUN_BY: Readonly<Record<string, string>> = {
  'docs/tutorial/first-steps.md': 'apps/e2e/src/tutorial.test.ts',
  'docs/how-to/backup-and-restore.md': 'apps/e2e/src/backup.test.ts',
  'docs/how-to/beside-synapse.md': 'apps/e2e/src/beside-synapse.test.ts',
  'docs/how-to/tls.md': 'apps/e2e/src/certificates.test.ts',
};

/** The commands of a page that nobody runs although it does not say so. */
export function findUnrun({ path, text }: Page): readonly string[] {
  if (path in RUN_BY || !path.startsWith('docs/')) return [];
  return readBlocks(text).filter(({ language, isMarked }) => language === 'sh' && !isMarked).map(({ line }) => `${path}:${line}`);
}
