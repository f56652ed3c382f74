import { cleanUploadName } from '@medley/domain/upload-name';
import { parseParameters } from './header-parameters.ts';

const EXTENDED = /^(utf-8|iso-8859-1)'[^']*'(.*)$/i;

/** The file name of a Content-Disposition whose bytes were read as Latin-1, cleaned; `filename*` goes before `filename` (RFC 6266 §4.3). */
export function fileNameOf(disposition: string | undefined): string | undefined {
  if (disposition === undefined) return undefined;
  const { parameters } = parseParameters(disposition);
  return cleanUploadName(decodeExtended(parameters.get('filename*')) ?? decodeBare(parameters.get('filename')));
}

/** A value of RFC 8187; `undefined` if it is none. */
function decodeExtended(value = ''): string | undefined {
  const [, charset, text] = EXTENDED.exec(value) ?? [];
  if (charset === undefined || text === undefined) return undefined;
  const bytes = Buffer.from(text.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1');
  return charset.toLowerCase() === 'utf-8' ? decodeUtf8(bytes) : bytes.toString('latin1');
}

/** Many servers write UTF-8 here, which no standard allows. */
function decodeBare(value: string | undefined): string | undefined {
  return value === undefined ? undefined : decodeUtf8(Buffer.from(value, 'latin1')) ?? value;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined; // another encoding that nobody named
  }
}
