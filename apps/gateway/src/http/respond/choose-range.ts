import { resolveRange, type ByteRange } from '@medley/domain/byte-range';
import { MediaError } from '@medley/domain/media-error';
import type { Context } from 'koa';

/** Reads what a `Range` header asks for, and says so: 200 or 206, or throws RANGE_NOT_SATISFIABLE. */
export function chooseRange(context: Context, header: string | undefined, sizeBytes: number): ByteRange {
  const asked = resolveRange(header, sizeBytes);
  if (asked.kind === 'unsatisfiable') {
    context.set('Content-Range', `bytes */${sizeBytes}`);
    throw new MediaError('RANGE_NOT_SATISFIABLE', `The range lies outside of ${sizeBytes} bytes`);
  }
  context.status = asked.kind === 'part' ? 206 : 200;
  if (asked.kind === 'whole') return { offset: 0, length: sizeBytes };
  const { offset, length } = asked.range;
  context.set('Content-Range', `bytes ${offset}-${offset + length - 1}/${sizeBytes}`);
  return asked.range;
}
