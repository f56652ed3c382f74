import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { acquireMongoDb, startMongoDb } from './mongodb.ts';
import { sendCommand } from './mongodb-command.fixture.ts';
import { realServiceOrSkip } from './skip.ts';
import { isUnavailable } from './unavailable.ts';

test('starts a MongoDB that answers, keeps its data over a restart, and leaves nothing behind', async (t) => {
  const mongodb = await realServiceOrSkip(t, startMongoDb);
  if (mongodb === undefined) return;
  assert.equal(mongodb.uri, `mongodb://127.0.0.1:${mongodb.port}/`);
  assert.match(await sendCommand(mongodb.port, 'hello'), /maxWireVersion/);

  await sendCommand(mongodb.port, 'create', 'kept');
  await mongodb.stop('SIGKILL');
  await assert.rejects(sendCommand(mongodb.port, 'hello'), /ECONNREFUSED/);
  await mongodb.start();
  assert.match(await sendCommand(mongodb.port, 'listCollections'), /kept/);
  assert.ok(readdirSync(mongodb.dataFolder).length > 0);

  await mongodb[Symbol.asyncDispose]();
  await assert.rejects(sendCommand(mongodb.port, 'hello'), /ECONNREFUSED/);
  assert.equal(existsSync(mongodb.dataFolder), false);
});

test('answers with the MongoDB that the environment names', async () => {
  const mongodb = await acquireMongoDb({ env: { MEDLEY_TEST_MONGODB_URI: 'mongodb://db.example.org/' } });
  assert.ok(!isUnavailable(mongodb));
  assert.deepEqual([mongodb.kind, mongodb.uri], ['env', 'mongodb://db.example.org/']);
});
