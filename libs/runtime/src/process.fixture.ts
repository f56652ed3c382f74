import { runService } from './run-service.ts';

await runService('fixture', async () => {
  const open = setInterval(() => {}, 1000);
  return {
    name: 'fixture',
    addresses: {},
    readiness: async () => [],
    async stop() {
      clearInterval(open);
      process.stdout.write('fixture stopped\n');
    },
  };
});
