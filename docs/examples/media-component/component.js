// A component of a homeserver that keeps a file in Medley and reads it again, with nothing but the proto files and gRPC's own
// library. Say where Medley's services are, and show the token of `grpc.token`:
//
//   MEDLEY_METADATA=metadata:50051 MEDLEY_STORAGE=storage:50051 MEDLEY_TOKEN=… \
//     node component.js @bridge:example.org photo.jpg image/jpeg
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const { MEDLEY_METADATA: metadataAddress, MEDLEY_STORAGE: storageAddress, MEDLEY_TOKEN: token } = process.env;
const [userId, path, contentType = 'application/octet-stream'] = process.argv.slice(2);
if (!metadataAddress || !storageAddress || !userId || !path) throw new Error('MEDLEY_METADATA=… MEDLEY_STORAGE=… [MEDLEY_TOKEN=…] node component.js USER_ID FILE [TYPE]');

const protos = fileURLToPath(new URL('../../../proto', import.meta.url));
const files = ['medley/metadata/v1/metadata.proto', 'medley/storage/v1/storage.proto'];
const { medley } = loadPackageDefinition(loadSync(files, { includeDirs: [protos], longs: Number, keepCase: true }));
const options = { 'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }) };
const metadata = new medley.metadata.v1.MetadataService(metadataAddress, credentials.createInsecure(), options);
const storage = new medley.storage.v1.StorageService(storageAddress, credentials.createInsecure(), options);

// What goes with every call: the token, and how many milliseconds the other side has.
function headers(timeoutMs) {
  const all = new Metadata();
  if (token) all.set('authorization', `Bearer ${token}`);
  all.set('medley-timeout-ms', String(timeoutMs));
  return all;
}

function call(client, method, request, timeoutMs = 10_000) {
  const { promise, resolve, reject } = Promise.withResolvers();
  client[method](request, headers(timeoutMs), { deadline: Date.now() + timeoutMs }, (error, answer) => (error ? reject(explain(error)) : resolve(answer)));
  return promise;
}

// Every failure says its reason in a trailer.
function explain(error) {
  const [reason] = error.metadata?.get('medley-reason') ?? [];
  return reason ? Object.assign(new Error(`${reason}: ${error.details}`), { reason }) : error;
}

// 1. The bytes first: a header, chunks, and a trailer that says how many there were. Without it nothing is stored.
async function store(file) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const stream = storage.PutBlob(headers(60_000), (error, answer) => (error ? reject(explain(error)) : resolve(answer.blob)));
  async function* parts() {
    const { size } = await stat(file);
    yield { header: { max_bytes: size } };
    for await (const chunk of createReadStream(file, { highWaterMark: 64 * 1024 })) yield { chunk };
    yield { trailer: { size_bytes: size } };
  }
  // pipeline waits where the other side is slower than the disk
  const [blob] = await Promise.all([promise, pipeline(parts(), stream)]);
  return blob;
}

// 3. Small files come whole with the answer of GetBlob; large ones in many chunks.
async function read(digest) {
  const hash = createHash('sha256');
  for await (const { chunk } of storage.GetBlob({ key: { digest } }, headers(60_000))) hash.update(chunk);
  return hash.digest('hex');
}

const blob = await store(path);
// 2. Then the record: from here on every client of the homeserver can see it.
const content = { digest: blob.digest, size_bytes: blob.size_bytes, content_type: contentType, upload_name: basename(path), frozen: true };
const { record } = await call(metadata, 'RecordUpload', { origin: userId.slice(userId.indexOf(':') + 1), user_id: userId, content });
console.log(`stored mxc://${record.key.origin}/${record.key.media_id}`);

const found = await call(metadata, 'ResolveMedia', { key: record.key, wait_ms: 0 });
const digest = await read(found.record.content.digest);
if (digest !== blob.digest) throw new Error('what came back is not what was stored');
console.log(`read ${found.record.content.size_bytes} bytes of ${found.record.content.content_type}`);

await call(metadata, 'ResolveMedia', { key: { origin: record.key.origin, media_id: 'nothing-of-this-name' }, wait_ms: 0 }).catch((error) => {
  if (error.reason !== 'NOT_FOUND') throw error;
  console.log(`and what is not there is ${error.message}`);
});
metadata.close();
storage.close();
