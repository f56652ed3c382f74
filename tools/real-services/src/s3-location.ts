/** Where an S3 server is, and how to sign for it. */
export interface S3Location {
  /** Scheme, host and port, without a slash at the end. */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  /** What the name of every bucket made there must begin with; empty when there is no such rule. */
  readonly bucketPrefix: string;
}

const DEFAULT_REGION = 'us-east-1';

/**
 * Parses `http://ACCESS:SECRET@HOST:PORT/BUCKET-PREFIX?region=REGION`, the form of `MEDLEY_TEST_S3_URL`.
 * `https` is good too; keys are percent-encoded; the prefix may be left out, and the region is `us-east-1` if it is.
 * Throws on anything else, without repeating the secret.
 */
export function parseS3Url(text: string): S3Location {
  const url = URL.parse(text);
  const wanted = 'MEDLEY_TEST_S3_URL must look like http://ACCESS:SECRET@HOST:PORT/BUCKET-PREFIX?region=REGION';
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw new Error(wanted);
  if (url.username === '' || url.password === '') throw new Error(`${wanted}: the keys are missing`);
  const bucketPrefix = url.pathname.slice(1);
  if (!/^[a-z0-9.-]*$/.test(bucketPrefix)) throw new Error(`${wanted}: no bucket can begin with "${bucketPrefix}"`);
  return {
    endpoint: url.origin,
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
    region: url.searchParams.get('region') ?? DEFAULT_REGION,
    bucketPrefix,
  };
}

/** The reverse of `parseS3Url`. */
export function toS3Url(location: S3Location): string {
  const url = new URL(location.endpoint);
  url.username = encodeURIComponent(location.accessKey);
  url.password = encodeURIComponent(location.secretKey);
  url.pathname = location.bucketPrefix;
  url.searchParams.set('region', location.region);
  return url.href;
}
