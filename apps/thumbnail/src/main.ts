import { runService } from '@medley/runtime/run-service';
import { startThumbnail } from './app.ts';

await runService('thumbnail', startThumbnail);
