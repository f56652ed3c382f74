import { openSpan, toErrorClass, type OpenSpan } from '@medley/telemetry/spans';
import type { StoreCalls } from '@medley/telemetry/store-calls';
import type { CommandStartedEvent, MongoClient } from 'mongodb';

interface Running {
  readonly startedAt: number;
  readonly span: OpenSpan | undefined;
}

/** Has every command to the database timed, and told as a span: its name and its collection, never what it asks for. */
export function watchCommands(client: MongoClient, calls: StoreCalls): void {
  const running = new Map<string, Running>();
  const end = (event: Answered, outcome: string, error?: unknown): void => {
    const command = running.get(toKey(event));
    running.delete(toKey(event));
    if (command === undefined) return;
    if (error !== undefined) command.span?.fail(error);
    command.span?.end();
    calls.record(event.commandName, outcome, command.startedAt);
  };
  client.on('commandStarted', (event) => {
    running.set(toKey(event), { startedAt: performance.now(), span: openSpan({ name: `mongodb ${event.commandName}`, kind: 'client', facts: toFacts(event) }) });
  });
  client.on('commandSucceeded', (event) => end(event, 'done'));
  client.on('commandFailed', (event) => end(event, toErrorClass(event.failure), event.failure));
}

interface Answered {
  readonly commandName: string;
  readonly requestId: number;
  readonly connectionId?: string | number | undefined;
}

function toKey({ requestId, connectionId }: Omit<Answered, 'commandName'>): string {
  return `${connectionId} ${requestId}`;
}

/** By OpenTelemetry's conventions for databases. */
function toFacts({ commandName, command }: CommandStartedEvent): Record<string, string> {
  const collection: unknown = command[commandName];
  return { 'db.system.name': 'mongodb', 'db.operation.name': commandName, ...(typeof collection === 'string' && { 'db.collection.name': collection }) };
}
