import { after } from 'node:test';
import { describeLogs } from './telemetry/logs.ts';
import { startObserved } from './telemetry/observed.ts';
import { describeTraces } from './telemetry/traces.ts';

const observed = await startObserved();
after(() => observed[Symbol.asyncDispose]());

describeTraces(observed, { put: 'filesystem put', look: 'filesystem stat', record: 'sqlite write' });
describeLogs(observed);
