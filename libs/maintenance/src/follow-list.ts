import { isLossOfPeer } from './loss-of-peer.ts';

/** How one kind of list is read. */
export interface ListReader<Item, Position> {
  /** Streams what comes after `after`, from the first where it is absent. */
  open(after: Position | undefined): AsyncIterable<Item>;
  positionOf(item: Item): Position;
}

/**
 * Yields a list that may take hours in order. Where its stream ends before its time, because a service was restarted or
 * the deadline came, it is opened again behind the last item; a stream that fails before its first item fails the list.
 */
export async function* followList<Item, Position>(reader: ListReader<Item, Position>, after?: Position): AsyncGenerator<Item> {
  let position = after;
  for (;;) {
    let hasMoved = false;
    try {
      for await (const item of reader.open(position)) {
        position = reader.positionOf(item);
        hasMoved = true;
        yield item;
      }
      return;
    } catch (error) {
      if (!hasMoved || !isLossOfPeer(error)) throw error;
    }
  }
}
