/**
 * The figures that say whether the promises are kept, one line of JSON each: `npm run figures -- [--only NAME,…]
 * [--stores embedded|real] [--seconds N] [--seed N]`. Ends with 1 unless all are good.
 */
import { BOARD } from './board.ts';
import { measureBoard } from './measure.ts';

await measureBoard(BOARD, process.argv.slice(2));
