import { once } from 'node:events';
import { connect } from 'node:net';

const OP_MSG = 2013;
const BSON_STRING = 2;
const BSON_INT32 = 16;

/** Sends one command of MongoDB's wire protocol, on database `test`, and answers with the raw reply as text. */
export async function sendCommand(port: number, command: string, value?: string): Promise<string> {
  const first = value === undefined ? bsonInt32(command, 1) : bsonString(command, value);
  const fields = Buffer.concat([first, bsonString('$db', 'test'), Buffer.of(0)]);
  const document = Buffer.concat([int32(fields.length + 4), fields]);
  const body = Buffer.concat([int32(0), Buffer.of(0), document]);
  const message = Buffer.concat([int32(body.length + 16), int32(1), int32(0), int32(OP_MSG), body]);

  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(message);
    const [reply] = await once(socket, 'data');
    return String(reply);
  } finally {
    socket.destroy();
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function bsonInt32(name: string, value: number): Buffer {
  return Buffer.concat([Buffer.of(BSON_INT32), Buffer.from(`${name}\0`), int32(value)]);
}

function bsonString(name: string, value: string): Buffer {
  const text = Buffer.from(`${value}\0`);
  return Buffer.concat([Buffer.of(BSON_STRING), Buffer.from(`${name}\0`), int32(text.length), text]);
}
