import { runService } from '@medley/runtime/run-service';
import { startStorage } from './app.ts';

await runService('storage', startStorage);
