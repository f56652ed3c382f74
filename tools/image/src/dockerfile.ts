/** One instruction of a Dockerfile, with its arguments as one line. */
export interface Instruction {
  readonly keyword: string;
  readonly text: string;
}

/** What stands between one FROM and the next. */
export interface Stage {
  /** What FROM says, `AS name` left out. */
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** The arguments that stand before the first stage, with their defaults. */
  readonly args: ReadonlyMap<string, string>;
  readonly stages: readonly Stage[];
}

/** Reads the part of Docker's language that our file uses: comments, continued lines, several stages. Throws on anything before the first FROM but ARG. */
export function parseDockerfile(text: string): Dockerfile {
  const args = new Map<string, string>();
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const { keyword, text: rest } of toInstructions(text)) {
    if (keyword === 'FROM') {
      const [, base = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
      stages.push({ base, name, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage !== undefined) stage.instructions.push({ keyword, text: rest });
    else if (keyword === 'ARG') args.set(...splitArg(rest));
    else throw new Error(`${keyword} stands before the first FROM`);
  }
  return { args, stages };
}

/** What the instructions with this keyword say, in their order. */
export function textsOf({ instructions }: Stage, keyword: string): readonly string[] {
  return instructions.filter((instruction) => instruction.keyword === keyword).map(({ text }) => text);
}

/** The exec form of ENTRYPOINT and CMD: a list of texts. Throws on the shell form. */
export function parseExecForm(text: string): readonly string[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error(`${text} is no list`);
  return value.map(String);
}

/** `ENV A=b C="d e"`, of all ENV instructions together. */
export function environmentOf(stage: Stage): Readonly<Record<string, string>> {
  const pairs = textsOf(stage, 'ENV').flatMap((text) => [...text.matchAll(/(\w+)=(?:"([^"]*)"|(\S*))/g)]);
  return Object.fromEntries(pairs.map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']));
}

function toInstructions(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#')).join('\n').replaceAll(/\\\n\s*/g, ' ').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => {
    const [, keyword = '', rest = ''] = /^\s*(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
    return { keyword: keyword.toUpperCase(), text: rest };
  });
}

function splitArg(text: string): [string, string] {
  const [name = '', ...value] = text.split('=');
  return [name, value.join('=').replaceAll('"', '')];
}
