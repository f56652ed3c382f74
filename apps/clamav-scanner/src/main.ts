import { runService } from '@medley/runtime/run-service';
import { startClamavScanner } from './app.ts';

await runService('clamav-scanner', startClamavScanner);
