import { ensureInstalled } from '@medley/tool-real-services/install';
import type { Pin } from '@medley/tool-real-services/pins';
import { type Unavailable, isUnavailable } from '@medley/tool-real-services/unavailable';

const modules = new URL('../go/', import.meta.url);

const HELM3: Pin = { name: 'helm3', version: '3.22.0', package: 'helm.sh/helm/v3/cmd/helm', modules };
const HELM4: Pin = { name: 'helm4', version: '4.3.1', package: 'helm.sh/helm/v4/cmd/helm', modules };
const KUBECONFORM: Pin = { name: 'kubeconform', version: '0.8.0', package: 'github.com/yannh/kubeconform/cmd/kubeconform', modules };

/** Paths of the programs that the checks run. */
export interface Programs extends AsyncDisposable {
  readonly helm3: string;
  readonly helm4: string;
  readonly kubeconform: string;
}

/** Answers with both Helms and kubeconform, built first if the cache has none of them, or why they cannot be had. */
export async function acquirePrograms(env: NodeJS.ProcessEnv = process.env): Promise<Programs | Unavailable> {
  const paths: string[] = [];
  for (const pin of [HELM3, HELM4, KUBECONFORM]) {
    const installed = await ensureInstalled(pin, { env, onBuild: (message) => process.stderr.write(`${message}\n`) });
    if (isUnavailable(installed)) return { unavailable: `the chart can't be rendered: ${installed.unavailable}` };
    paths.push(installed.program);
  }
  const [helm3 = '', helm4 = '', kubeconform = ''] = paths;
  return { helm3, helm4, kubeconform, [Symbol.asyncDispose]: async () => {} };
}

if (import.meta.main) console.log(await acquirePrograms());
