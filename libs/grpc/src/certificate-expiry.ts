import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Meter } from '@medley/telemetry/metrics';
import type { TlsMaterial } from './live-certificates.ts';

/** Shows when the certificate of this service ends, in Unix seconds: of the file as it is now, if it came from one. */
export function observeCertificate(meter: Meter, { cert, files }: TlsMaterial): void {
  const description = 'When the certificate that this service shows to the others ends, in Unix seconds';
  meter.createObservableGauge('medley.grpc.certificate.expires', { description, unit: 's' }).addCallback(async (gauge) => {
    // a file that is away for a moment says nothing; the one before is in use
    const text = files?.cert === undefined ? cert : await readFile(files.cert, 'utf8').catch(() => cert);
    gauge.observe(new X509Certificate(text).validToDate.getTime() / 1000);
  });
}
