import { after } from 'node:test';
import { join } from 'node:path';
import { makeTempDir } from '@medley/testing/temp-dir';
import { describeMetadataStore } from '../../ports/metadata-store.contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = await makeTempDir();
after(() => folder[Symbol.asyncDispose]());

describeMetadataStore('metadata store on SQLite', (options) => openSqliteStore(join(folder.path, 'metadata', 'medley.db'), options));
