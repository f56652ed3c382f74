/** The places where a test may stop a process or hold it up; see fault-point-armed.ts. */
export const FAULT_POINTS = [
  /** The gateway holds the claim of a reserved media id, and has sent no byte. */
  'gateway.upload.claimed',
  /** The blob is durable; nothing is recorded. */
  'gateway.upload.stored',
  /** Some of the bytes have been written. */
  'storage.put.mid-stream',
  /** All bytes are in staging, under no name that anybody knows. */
  'storage.put.staged',
  /** The copy from staging to its place has been made, staging has not been cleared. */
  'storage.put.copied',
  /** Derived blobs are gone, the original is not. */
  'storage.delete.halfway',
  /** The record of an upload is there; nobody has looked whether its blob is condemned. */
  'metadata.commit.inserted',
  /** A deletion is decided and told; the record is still there. */
  'metadata.delete.decided',
  /** A sweep has condemned some blobs. */
  'sweep.condemned',
  /** A sweep has claimed removals, and removed nothing. */
  'sweep.claimed',
  /** The bytes are gone; the removals are not finished. */
  'sweep.removed',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];
