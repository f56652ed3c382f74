import { FakeClamd } from '@medley/testing/fake-clamd';
import { findFreePorts } from '@medley/testing/free-ports';
import { Program } from '../harness/program.ts';
import type { Config, Site } from '../harness/site.ts';
import { stopProgram, untilReady } from '../harness/system.ts';

/** What the gateway shows the scanner. */
const SCANNER_TOKEN = 'e2e-scanner-token';
/** So soon others take up what was left to be examined. */
const TIMEOUT = '1s';

/** A clamd, and the scanner that asks it, as a process of its own beside a Medley. */
export interface ClamAv extends AsyncDisposable {
  readonly clamd: FakeClamd;
  /** What the configuration of the Medley says of them. */
  readonly config: Config;
  /** Starts the scanner; it ends with this. */
  start(site: Site): Promise<void>;
}

export async function prepareClamAv(settings: Config = {}): Promise<ClamAv> {
  await using opened = new AsyncDisposableStack();
  const clamd = opened.use(await FakeClamd.start());
  const port = await findFreePorts(2);
  const config = {
    content_scanner: { address: `127.0.0.1:${port}`, token: SCANNER_TOKEN, timeout: TIMEOUT, ...settings },
    clamav: { address: clamd.address },
  };
  const owned = opened.move();
  return {
    clamd,
    config,
    start: async (site) => {
      const env = { MEDLEY_GRPC__LISTEN: `127.0.0.1:${port}`, MEDLEY_METRICS__PORT: String(port + 1) };
      const program = Program.start('apps/clamav-scanner/src/main.ts', ['--config', site.configPath], env);
      owned.defer(() => stopProgram(program));
      await untilReady(program, [port + 1]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
