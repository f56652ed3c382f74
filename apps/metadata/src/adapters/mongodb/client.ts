import { MongoClient, type MongoClientOptions } from 'mongodb';

/** What the driver would let take for ever, or much longer than anybody waits. Each may be set in the URI instead. */
const DEFAULTS = {
  appName: 'medley',
  maxPoolSize: 20,
  minPoolSize: 1,
  connectTimeoutMS: 2000,
  serverSelectionTimeoutMS: 2000,
  waitQueueTimeoutMS: 1000,
  socketTimeoutMS: 5000,
  heartbeatFrequencyMS: 2000,
} as const satisfies MongoClientOptions;

/** What the promises of the store rest on, whatever the URI says. */
const DURABLE = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 4000 },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  ignoreUndefined: true,
} as const satisfies MongoClientOptions;

/** Makes a client that has not connected yet. Throws if `uri` can't be read. */
export function createMongoClient(uri: string): MongoClient {
  const named = new Set([...new URLSearchParams(uri.split('?')[1]).keys()].map((key) => key.toLowerCase()));
  const defaults = Object.entries(DEFAULTS).filter(([key]) => !named.has(key.toLowerCase()));
  return new MongoClient(uri, { ...Object.fromEntries(defaults), ...DURABLE, monitorCommands: true });
}
