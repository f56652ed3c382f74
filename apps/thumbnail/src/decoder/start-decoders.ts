import type { Logger } from '@medley/telemetry/logger';
import type { ThumbnailServiceConfig } from '../config.ts';
import { Tools } from '../pipeline/tools/tools.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { DecoderPool } from './decoder-pool.ts';

/** Finds out how processes can be held here, and which programs there are, and starts the decoders. */
export function startDecoders({ limits, maxJobs, useTools }: Pick<ThumbnailServiceConfig, 'limits' | 'maxJobs' | 'useTools'>, log: Logger): DecoderPool {
  const sandbox = new Sandbox();
  const tools = useTools ? new Tools(sandbox) : undefined;
  log.info({ tools: tools?.names ?? [], limits: sandbox.hasLimits, network: !sandbox.hasNoNetwork }, 'decoders are started');
  return new DecoderPool(log, { sandbox, maxJobs, maxMemoryBytes: limits.maxMemoryBytes, tools });
}
