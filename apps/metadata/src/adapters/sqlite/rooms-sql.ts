/** The statements of the room index. */
export const ROOM_INDEX = {
  addRedaction: 'INSERT INTO room_redactions (room_id, event_id) VALUES ($room_id, $event_id) ON CONFLICT DO NOTHING',
  redaction: 'SELECT 1 FROM room_redactions WHERE room_id = $room_id AND event_id = $event_id',
  stateIn: 'SELECT event_id, at FROM room_states WHERE slot = $slot',
  putState: `INSERT INTO room_states (slot, event_id, at) VALUES ($slot, $event_id, $at)
             ON CONFLICT (slot) DO UPDATE SET event_id = excluded.event_id, at = excluded.at`,
  addUse: `INSERT INTO room_uses (room_id, place, event_id, uri, kind, sender, at)
           VALUES ($room_id, $place, $event_id, $uri, $kind, $sender, $at) ON CONFLICT DO NOTHING`,
  /** The plus keeps it from walking through the whole room by the primary key. */
  removeUses: 'DELETE FROM room_uses WHERE event_id = $event_id AND +room_id = $room_id',
  usesInRoom: 'SELECT * FROM room_uses WHERE room_id = $room_id AND place < $before ORDER BY place DESC LIMIT $limit',
  usesOfMedia: 'SELECT * FROM room_uses WHERE uri = $uri AND kind IN (SELECT value FROM json_each($kinds)) LIMIT $limit',
} as const;
