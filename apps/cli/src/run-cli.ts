import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { duration } from '@medley/config/quantity';
import { parseDigest } from '@medley/domain/digest';
import { USAGE_GROUPINGS } from '@medley/maintenance/usage';
import { makeRegistration, type RegistrationFlags } from './appservice-registration.ts';
import { checkConfig } from './check-config.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { checkFederation, type FederationFlags } from './federation-check.ts';
import { EXPIRE, statsJob, sweepJob, type StatsFlags } from './jobs.ts';
import type { CommonOptions } from './options.ts';
import { explainPreview, type PreviewFlags } from './preview.ts';
import { RETENTION } from './retention-job.ts';
import { runJob } from './run-job.ts';
import { scrubJob, type ScrubFlags } from './scrub-job.ts';
import { setUp, type SetupFlags } from './setup.ts';

/** What the command line chose to do. */
type Choice = () => Promise<ExitCode>;

/** Parses the arguments after the program's name, does what they say, and answers with the exit code. Errors are told on stderr. */
export async function runCli(args: readonly string[]): Promise<ExitCode> {
  let choice: Choice | undefined;
  const program = buildProgram((chosen) => (choice = chosen));
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return choice === undefined ? EXIT.usage : choice();
}

function buildProgram(choose: (choice: Choice) => void): Command {
  const program = new Command('medley')
    .description('Looks after the stores of a Medley, beside it while it runs or on its own.')
    .option('-c, --config <file>', 'the configuration file of the services')
    .option('--json', 'print one JSON object, the last line of stdout')
    .option('--progress', 'with --json: progress as lines of JSON on stderr')
    .addOption(new Option('--connect', 'call the services at their addresses in the configuration').conflicts('standalone'))
    .option('--standalone', 'open the stores here, beside whoever has them open')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .hook('preAction', (_program, command) => {
      const { progress, json } = command.optsWithGlobals<CommonOptions>();
      if (progress === true && json !== true) command.error('error: --progress needs --json');
    });
  addConfig(program, choose);
  addSetup(program, choose);
  addJobs(program, choose);
  addPreview(program, choose);
  addFederation(program, choose);
  addAppservice(program, choose);
  return program;
}

function addConfig(program: Command, choose: (choice: Choice) => void): void {
  program.command('config').description('about the configuration')
    .command('check').description('tell every mistake of the configuration, or what it says')
    .action((_flags, command: Command) => choose(() => checkConfig(command.optsWithGlobals<CommonOptions>())));
}

function addSetup(program: Command, choose: (choice: Choice) => void): void {
  program.command('setup').description('make what the stores lack (indexes, the bucket), and wait until they can be used')
    .option('--timeout <duration>', 'how long to wait', toMs, toMs('5m'))
    .action((flags: SetupFlags, command: Command) => choose(() => setUp(flags, command.optsWithGlobals())));
}

function addJobs(program: Command, choose: (choice: Choice) => void): void {
  program.command('expire').description('remove lapsed media ids, old URL previews, and what is in the trash for long enough')
    .option('--dry-run', 'change nothing')
    .action((_flags, command: Command) => choose(() => runJob(EXPIRE, command.optsWithGlobals())));
  program.command('retention').description('remove media by the rules and budgets of the configuration')
    .option('--dry-run', 'count what would be removed, and remove nothing')
    .action((_flags, command: Command) => choose(() => runJob(RETENTION, command.optsWithGlobals())));
  program.command('sweep').description('remove bytes that no record names, and what unfinished uploads left behind')
    .option('--dry-run', 'change nothing')
    .option('--wait', 'wait for maintenance.removal_wait, and remove what this run has condemned')
    .action((flags: { wait?: boolean }, command: Command) => choose(() => runJob(sweepJob(flags), command.optsWithGlobals())));
  program.command('scrub').description('compare all records with all bytes, and read every original again')
    .option('--dry-run', 'change nothing, whatever else is said')
    .option('--repair', 'mark media whose bytes are lost or damaged, and remove derived blobs without a source')
    .option('--after <digest>', 'begin behind this digest', toDigest)
    .addOption(new Option('--resume <file>', 'keep the place in this file; go on from there if it is there').conflicts('after'))
    .option('--concurrency <count>', 'how many originals are read at once', toCount, 2)
    .action((flags: ScrubFlags, command: Command) => choose(() => runJob(scrubJob(flags), command.optsWithGlobals())));
  program.command('stats').description('count media, blobs and bytes')
    .addOption(new Option('--by <group>', 'tell the media of each').choices(USAGE_GROUPINGS))
    .option('--limit <count>', 'of how many groups, the largest first', toCount, 20)
    .action((flags: StatsFlags, command: Command) => choose(() => runJob(statsJob(flags), command.optsWithGlobals())));
}

function addPreview(program: Command, choose: (choice: Choice) => void): void {
  program.command('preview').description('tell each step on the way to the preview of a URL, and store nothing')
    .argument('<url>', 'an http or https URL')
    .option('--language <languages>', 'what a client would say in Accept-Language')
    .option('--logo', 'fetch the logo of the site as well')
    .action((url: string, flags: PreviewFlags, command: Command) => choose(() => explainPreview(url, flags, command.optsWithGlobals())));
}

function addFederation(program: Command, choose: (choice: Choice) => void): void {
  program.command('federation').description('about other Matrix servers')
    .command('check').description('take each step on the way to a server anew, and tell what it came to')
    .argument('<server>', 'a server name')
    .option('--as <name>', 'which of your server names asks; default: the first')
    .action((server: string, flags: FederationFlags, command: Command) => choose(() => checkFederation(server, flags, command.optsWithGlobals())));
}

function addAppservice(program: Command, choose: (choice: Choice) => void): void {
  program.command('appservice').description('about homeservers that push their events')
    .command('registration').description('make the file that a homeserver takes to push the events of its rooms')
    .requiredOption('--server <name>', 'the server name of the homeserver')
    .requiredOption('--url <url>', 'where the homeserver reaches the gateway', toHttpUrl)
    .option('--out <file>', 'write it here instead of to stdout; the file must not exist')
    .action((flags: RegistrationFlags, command: Command) => choose(() => makeRegistration(flags, command.optsWithGlobals())));
}

function toHttpUrl(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) throw new InvalidArgumentError('It must be an http or https URL.');
  return text;
}

function toMs(text: string): number {
  const { data } = duration.safeParse(text);
  if (data === undefined) throw new InvalidArgumentError('It must be a duration like 90s or 5m.');
  return data;
}

function toDigest(text: string): string {
  try {
    return parseDigest(text);
  } catch {
    throw new InvalidArgumentError('It must be a SHA-256 digest in lower-case hex.');
  }
}

function toCount(text: string): number {
  if (!/^[1-9][0-9]?$/.test(text)) throw new InvalidArgumentError('It must be a number from 1 to 99.');
  return Number(text);
}
