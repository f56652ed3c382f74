/**
 * `node apps/url-preview/src/testing/measure-forbidden.ts [--seed 1] [--more 10]`: leads a previewer in every way that a page can to
 * addresses that it must not connect to, and prints as one line of JSON to how many it did. Ends with 1 if to any.
 */
import { parseArgs } from 'node:util';
import { askForbidden } from './forbidden.ts';
import { hostileAddresses } from './hostile-addresses.ts';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, more: { type: 'string', default: '10' } } });
const report = await askForbidden(hostileAddresses(Number(values.seed), Number(values.more)));
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = report.forbidden === 0 && report.works ? 0 : 1;
