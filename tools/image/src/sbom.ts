/**
 * Writes the list of everything inside the image (CycloneDX) to stdout: `node tools/image/src/sbom.ts > sbom.cdx.json`. The same file lies in the image.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeTempDir } from '@medley/testing/temp-dir';
import { makeImageTree } from './image-tree.ts';

await using folder = await makeTempDir();
await makeImageTree(folder.path);
await pipeline(createReadStream(join(folder.path, 'sbom.cdx.json')), process.stdout, { end: false });
