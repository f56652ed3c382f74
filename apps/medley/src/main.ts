import { readConfig, runConfigured } from '@medley/runtime/run-service';
import { startAllInOne } from './all-in-one.ts';
import { isTryOut, makeTryOut, tryOutHint } from './try-out.ts';

if (isTryOut()) {
  const { config, tokens } = await makeTryOut(process.env);
  await runConfigured('medley', config, startAllInOne, ({ addresses }) => {
    process.stdout.write(tryOutHint(addresses['gateway'] ?? '', tokens));
  });
} else {
  const config = await readConfig();
  if (config !== undefined) await runConfigured('medley', config, startAllInOne);
}
