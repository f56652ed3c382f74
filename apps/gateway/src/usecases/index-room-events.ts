import type { RoomEvent } from '@medley/proto/metadata/rooms';
import type { Services } from '../services.ts';

const MAX_EVENTS = 500;
/** Well below what one gRPC message may hold, in characters of at most three bytes. */
const MAX_CONTENT_LENGTH = 2 ** 20;

/** Tells the room index of events, batch by batch. Passed over is what the index has no use for: most events of most rooms. */
export async function indexRoomEvents({ services }: { readonly services: Pick<Services, 'metadata'> }, events: readonly RoomEvent[], signal: AbortSignal): Promise<void> {
  for (const batch of batchesOf(events.filter(isOfUse))) await services.metadata.indexEvents({ events: batch }, { signal });
}

/** State may take the place of other state, even where it names no media itself. */
function isOfUse({ stateKey, redacts, content }: RoomEvent): boolean {
  return stateKey !== undefined || redacts !== undefined || content.includes('mxc://');
}

function* batchesOf(events: readonly RoomEvent[]): Generator<RoomEvent[]> {
  let batch: RoomEvent[] = [];
  let length = 0;
  for (const event of events) {
    if (batch.length > 0 && (batch.length === MAX_EVENTS || length + event.content.length > MAX_CONTENT_LENGTH)) {
      yield batch;
      [batch, length] = [[], 0];
    }
    batch.push(event);
    length += event.content.length;
  }
  if (batch.length > 0) yield batch;
}
