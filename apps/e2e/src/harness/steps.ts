import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '@medley/testing/eventually';
import { isAsSaid, type Step } from '@medley/tool-docs/markdown';
import { isAlive } from './processes.ts';

/** How and where the commands of a page are run. */
export interface Place {
  readonly cwd: string;
  /** Lies over this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly limitMs?: number;
}

const BOUNDARY = '=== step';
const LIMIT_MS = 150_000;

/** Runs the commands of all steps in one shell, as somebody types them; fails unless they end well and answer as the page says. */
export async function runSteps(steps: readonly Step[], { cwd, env = {}, limitMs = LIMIT_MS }: Place): Promise<void> {
  const script = [...steps.map(({ commands, line }) => `echo; echo '${BOUNDARY} ${line}'\n${commands}`), ''].join('\n');
  const output = await runScript(script, { cwd, env, limitMs });
  const answers = output.split(`\n${BOUNDARY} `).slice(1).map((part) => part.slice(part.indexOf('\n') + 1));
  steps.forEach(({ expected, line }, index) => {
    if (expected !== undefined) assert.ok(isAsSaid(answers[index] ?? '', expected), `line ${line} says\n${expected}\nbut it is\n${answers[index]}`);
  });
}

async function runScript(script: string, { cwd, env, limitMs }: Required<Place>): Promise<string> {
  const shell = spawn('bash', ['-eu'], { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const group = -(shell.pid ?? assert.fail('there is no bash'));
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const end = (): void => endGroup(group);
  const limit = setTimeout(end, limitMs);
  process.once('exit', end);
  try {
    shell.stdin.end(script);
    const [code] = (await once(shell, 'close')) as [number | null];
    assert.equal(code, 0, output);
    await eventually(() => assert.ok(!isAlive(group), 'something that was started runs on'));
    return output;
  } finally {
    clearTimeout(limit);
    process.off('exit', end);
    end();
  }
}

/** Whatever it started goes with it. */
function endGroup(group: number): void {
  if (isAlive(group)) process.kill(group, 'SIGKILL');
}
