import { after } from 'node:test';
import { describeServing } from './federation/serving-all.ts';
import { startServing } from './federation/serving-scene.ts';

const scene = await startServing();
after(() => scene[Symbol.asyncDispose]());

describeServing(scene);
