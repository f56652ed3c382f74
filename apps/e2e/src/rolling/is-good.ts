import type { RollingReport } from './run.ts';
import { IMPATIENT_MS } from './slow-upload.ts';

const MIN_REQUESTS = 500;

/** What of a run is not as it must be, in words. */
export function failuresOf({ failed, requests, slowUpload }: RollingReport): readonly string[] {
  const { status, endedAfterMs, download } = slowUpload;
  const wrong = {
    [`${failed} requests failed`]: failed > 0,
    [`no load: ${requests} requests`]: requests <= MIN_REQUESTS,
    [`an upload that was to be cut got ${status}`]: status !== undefined && status < 400,
    [`its gateway ended after ${endedAfterMs} ms`]: endedAfterMs <= IMPATIENT_MS || endedAfterMs >= 2 * IMPATIENT_MS,
    [`a download of it got ${download}`]: download !== 'M_NOT_YET_UPLOADED',
  };
  return Object.keys(wrong).filter((text) => wrong[text]);
}
