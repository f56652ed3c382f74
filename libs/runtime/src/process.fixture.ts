import { runService } from './run-service.ts';

await runService('fixture', async () => {
  const open = setInterval(() => {}, 1000);
  return {
    name: 'fixture',
    addresses: {},
    readiness: async () => [],
    announceStop: () => void process.stdout.write('fixture going away\n'),
    async stop() {
      clearInterval(open);
      process.stdout.write('fixture stopped\n');
    },
  };
});
