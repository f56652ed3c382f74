import { runService } from '@medley/runtime/run-service';
import { startGateway } from './app.ts';

await runService('gateway', startGateway);
