import { runService } from '@medley/runtime/run-service';
import { startMetadata } from './app.ts';

await runService('metadata', startMetadata);
