import { UrlPreviewServiceDefinition as definition, type ExplainUrlResponse, type PreviewUrlResponse } from '@medley/proto/url-preview';
import { awaitStop } from '@medley/runtime/shutdown';
import { readCliConfig } from './cli-config.ts';
import type { Outcome } from './cli-job.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { openService } from './open-service.ts';
import type { CommonOptions } from './options.ts';
import { tellFailure, tellOutcome } from './tell.ts';

/** What `medley preview` understands besides. */
export interface PreviewFlags {
  readonly language?: string;
  readonly logo?: boolean;
}

const COMMAND = 'preview';
/** Beyond what the service may take itself. */
const CALL_MARGIN_MS = 10_000;

/** `medley preview <url>`: each step on the way to a preview, and what it comes to. Nothing is stored. */
export async function explainPreview(url: string, flags: PreviewFlags, options: CommonOptions): Promise<ExitCode> {
  const interruption = new AbortController();
  void awaitStop().then(() => interruption.abort());
  try {
    const source = await readCliConfig(options.config, process.env);
    const { grpc, url_previews: previews } = source.config;
    const { signal } = interruption;
    await using service = await openService({ definition, name: 'url-preview', address: grpc.url_preview }, source, options, signal);
    const request = { url, acceptLanguage: flags.language ?? '', siteLogo: flags.logo === true };
    const answer = await service.rpc.explainUrl(request, { signal, timeoutMs: previews.timeout + CALL_MARGIN_MS });
    const outcome = toOutcome(answer);
    tellOutcome(COMMAND, outcome, options);
    return outcome.exitCode;
  } catch (error) {
    return tellFailure(COMMAND, error, { ...options, isInterrupted: interruption.signal.aborted });
  }
}

function toOutcome({ steps, preview, failure }: ExplainUrlResponse): Outcome {
  const properties = preview === undefined ? {} : toPairs(preview);
  return {
    report: { steps, properties, image: preview?.image, siteLogo: preview?.siteLogo, freshMs: preview?.freshMs, failure },
    lines: [
      ...steps.map(({ atMs, kind, detail }) => `${String(atMs).padStart(6)} ms  ${kind.padEnd(9)} ${detail}`),
      ...(failure === undefined ? ['', ...Object.entries(properties).map(([name, value]) => `${name.padEnd(24)} ${value}`)] : []),
    ],
    exitCode: failure === undefined ? EXIT.ok : EXIT.failed,
  };
}

function toPairs({ properties, image }: PreviewUrlResponse): Record<string, string | number> {
  const pairs = properties.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value.value]]));
  return { ...Object.fromEntries(pairs), ...(image && { 'og:image': `${image.contentType} ${image.width}×${image.height}, ${image.sizeBytes} bytes` }) };
}
