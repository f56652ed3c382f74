import { runService } from '@medley/runtime/run-service';
import { startUrlPreview } from './app.ts';

await runService('url-preview', startUrlPreview);
