import { readFile } from 'node:fs/promises';

const SUFFIX = '_file';
/** Whose files are read again while the service runs: the paths are kept beside the texts. */
const FOLLOWED: ReadonlySet<string> = new Set(['grpc.tls.ca_file', 'grpc.tls.cert_file', 'grpc.tls.key_file',
  'content_scanner.tls.ca_file', 'content_scanner.tls.cert_file', 'content_scanner.tls.key_file',
]);

/**
 * Replaces every `<key>_file: path` by `<key>: <the file's text>`, without the line end that editors leave. What can't
 * be read, or is given both ways, is added to `mistakes`.
 */
export async function readSecretFiles(value: unknown, mistakes: string[], path = ''): Promise<unknown> {
  if (Array.isArray(value)) {
    return Promise.all(value.map((item, index) => readSecretFiles(item, mistakes, `${path}[${index}]`)));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([key, item]) => {
    const here = path === '' ? key : `${path}.${key}`;
    if (!key.endsWith(SUFFIX) || typeof item !== 'string') return [key, await readSecretFiles(item, mistakes, here)] as const;
    const plainKey = key.slice(0, -SUFFIX.length);
    if (plainKey in value) mistakes.push(`${here}: ${plainKey} is given as well; give one of them`);
    return [plainKey, await readSecret(item, here, mistakes)] as const;
  });
  const followed = Object.entries(value).filter(([key]) => FOLLOWED.has(`${path}.${key}`));
  return Object.fromEntries([...(await Promise.all(entries)).filter(([key, item]) => !key.endsWith(SUFFIX) || item !== null), ...followed]);
}

async function readSecret(file: string, path: string, mistakes: string[]): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    mistakes.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
