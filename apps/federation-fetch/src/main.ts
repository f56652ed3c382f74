import { runService } from '@medley/runtime/run-service';
import { startFederationFetch } from './app.ts';

await runService('federation-fetch', startFederationFetch);
