/** Reads what it is sent and says how much it was; given `keep`, it keeps it. */
const kept: Uint8Array[] = [];
let sizeBytes = 0;
for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
  if (process.argv[2] === 'keep') kept.push(chunk);
  sizeBytes += chunk.byteLength;
  process.stdout.write(`${sizeBytes}\n`);
}
