import { FederationFetchServiceDefinition as definition, type DiagnoseServerResponse } from '@medley/proto/federation-fetch';
import { awaitStop } from '@medley/runtime/shutdown';
import { readCliConfig } from './cli-config.ts';
import type { Outcome } from './cli-job.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { openService } from './open-service.ts';
import type { CommonOptions } from './options.ts';
import { tellFailure, tellOutcome } from './tell.ts';

/** What `medley federation check` understands besides. */
export interface FederationFlags {
  readonly as?: string;
}

const COMMAND = 'federation check';
/** A dozen steps that may all run into their own limits. */
const TIMEOUT_MS = 180_000;

/** `medley federation check <server>`: each step on the way to a server. Exit code 1 if its media cannot be fetched. */
export async function checkFederation(serverName: string, flags: FederationFlags, options: CommonOptions): Promise<ExitCode> {
  const interruption = new AbortController();
  void awaitStop().then(() => interruption.abort());
  try {
    const source = await readCliConfig(options.config, process.env);
    const { grpc, homeservers } = source.config;
    const requester = flags.as ?? homeservers[0]?.server_name ?? '';
    const { signal } = interruption;
    await using service = await openService({ definition, name: 'federation-fetch', address: grpc.federation_fetch }, source, options, signal);
    const outcome = toOutcome(serverName, await service.rpc.diagnoseServer({ serverName, requester }, { signal, timeoutMs: TIMEOUT_MS }));
    tellOutcome(COMMAND, outcome, options);
    return outcome.exitCode;
  } catch (error) {
    return tellFailure(COMMAND, error, { ...options, isInterrupted: interruption.signal.aborted });
  }
}

function toOutcome(server: string, { steps, ok }: DiagnoseServerResponse): Outcome {
  const verdict = ok ? `Media of ${server} can be fetched.` : `Media of ${server} cannot be fetched.`;
  return {
    report: { server, steps },
    lines: [...steps.map(({ atMs, kind, ok: isGood, detail }) => `${String(atMs).padStart(6)} ms  ${isGood ? 'ok  ' : 'FAIL'}  ${kind.padEnd(10)} ${detail}`), '', verdict],
    exitCode: ok ? EXIT.ok : EXIT.failed,
  };
}
