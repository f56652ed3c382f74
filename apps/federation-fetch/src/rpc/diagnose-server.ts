import { MediaError } from '@medley/domain/media-error';
import { parseServerName } from '@medley/domain/server-name';
import type { CallContext } from '@medley/grpc/server';
import type { DiagnoseServerRequest, DiagnoseServerResponse } from '@medley/proto/federation-fetch';
import { diagnose, type DiagnosisOptions } from '../diagnosis/diagnose.ts';

/** Answers DiagnoseServer. */
export function diagnoseServer(options: DiagnosisOptions) {
  return async ({ serverName, requester }: DiagnoseServerRequest, { signal }: CallContext): Promise<DiagnoseServerResponse> => {
    if (!options.ownNames.includes(requester)) throw new MediaError('INVALID_PARAM', 'requester is none of the servers of this repository');
    const { steps, ok } = await diagnose(options, parseServerName(serverName), requester, signal);
    return { steps: [...steps], ok };
  };
}
