// What `helm test` runs: says in a line what each step came to, and ends with 1 if one failed. Without a token only what a
// stranger sees is tried.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateSync } from 'node:zlib';

const { GATEWAY, SERVER_NAME, TOKEN_FILE } = process.env;
const WIDTH = 200;
const HEIGHT = 100;

/** A picture that nobody has uploaded before. */
function makePng() {
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(3 * WIDTH, randomBytes(3))]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2], 8); // 8 bits for each of red, green and blue
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, toChunk('IHDR', header), toChunk('IDAT', deflateSync(Buffer.concat(Array(HEIGHT).fill(row)))), toChunk('IEND', Buffer.alloc(0))]);
}

function toChunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

async function ask(path, { token, method = 'GET', headers = {}, body } = {}) {
  const asked = request(`${GATEWAY}${path}`, {
    method,
    headers: { host: SERVER_NAME, ...(token && { authorization: `Bearer ${token}` }), ...headers },
    signal: AbortSignal.timeout(30_000),
  });
  asked.end(body);
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, type: response.headers['content-type'] ?? '', body: await buffer(response) };
}

function expect(step, isTrue, answer) {
  process.stdout.write(`${isTrue ? 'good' : 'BAD '}  ${step}${isTrue ? '' : `: got ${answer.status} ${answer.body.subarray(0, 300)}`}\n`);
  if (!isTrue) throw new Error(`${step} failed`);
}

async function tryStranger() {
  const config = await ask('/_matrix/client/v1/media/config');
  expect('a stranger is asked for a token', config.status === 401 && config.body.includes('M_MISSING_TOKEN'), config);
}

async function tryUser(token) {
  const png = makePng();
  const upload = await ask('/_matrix/media/v3/upload?filename=helm-test.png', { token, method: 'POST', headers: { 'content-type': 'image/png' }, body: png });
  expect('an upload', upload.status === 200, upload);
  const media = JSON.parse(upload.body.toString()).content_uri.slice('mxc://'.length);
  const download = await ask(`/_matrix/client/v1/media/download/${media}`, { token });
  expect('its download, the same bytes', download.status === 200 && download.body.equals(png), download);
  const range = await ask(`/_matrix/client/v1/media/download/${media}`, { token, headers: { range: 'bytes=8-15' } });
  expect('a part of it', range.status === 206 && range.body.equals(png.subarray(8, 16)), range);
  const thumbnail = await ask(`/_matrix/client/v1/media/thumbnail/${media}?width=32&height=32&method=crop`, { token });
  expect('its thumbnail', thumbnail.status === 200 && thumbnail.type.startsWith('image/') && !thumbnail.body.equals(png), thumbnail);
}

try {
  await tryStranger();
  if (TOKEN_FILE) await tryUser((await readFile(TOKEN_FILE, 'utf8')).trim());
  else process.stdout.write('no token: nothing is uploaded; see helmTest in the values\n');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
