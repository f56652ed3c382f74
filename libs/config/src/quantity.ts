import { z } from 'zod';

const SIZE_UNITS = { '': 1, B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;
const DURATION_UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A size: a number of bytes, or text like `64K`, `50M`, `1.5G` (powers of 1024). Comes out as bytes. */
export const size = quantity(toBytes);

/** A count of pixels, or text like `32M` (powers of 1000). */
export const pixels = quantity(toPixels);

/** A duration: text like `500ms`, `20s`, `24h`, `7d`, or a number of milliseconds. Comes out as milliseconds. */
export const duration = quantity(toMs);

/** `on` or `off`, or what YAML 1.1 made of these words. Comes out as whether it is on; off if nothing is said. */
export const onOff = z.union([z.enum(['on', 'off']), z.boolean()]).default('off').transform((value) => value === 'on' || value === true);

/** Tried in one step, since a union of types would hide why the text was refused. */
function quantity(parse: (text: string, context: z.RefinementCtx) => number) {
  return z.union([z.number().int().nonnegative(), z.string()]).transform((value, context) => {
    return typeof value === 'number' ? value : parse(value, context);
  });
}

function toBytes(text: string, context: z.RefinementCtx): number {
  const [, amount = '', unit = ''] = /^([0-9]+(?:\.[0-9]+)?) *([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  if (amount === '') return refuse(context, `"${text}" is not a size like 64K, 50M or 1G`);
  return Math.round(Number(amount) * SIZE_UNITS[unit.toUpperCase() as keyof typeof SIZE_UNITS]);
}

function toPixels(text: string, context: z.RefinementCtx): number {
  const [, amount = '', unit = ''] = /^([0-9]+(?:\.[0-9]+)?) *([KM]?)$/i.exec(text.trim()) ?? [];
  if (amount === '') return refuse(context, `"${text}" is not a number of pixels like 32M`);
  return Math.round(Number(amount) * { '': 1, K: 1000, M: 1_000_000 }[unit.toUpperCase() as '' | 'K' | 'M']);
}

function toMs(text: string, context: z.RefinementCtx): number {
  const [, amount = '', unit = ''] = /^([0-9]+(?:\.[0-9]+)?) *(ms|s|m|h|d|w)$/.exec(text.trim()) ?? [];
  if (amount === '') return refuse(context, `"${text}" is not a duration like 500ms, 20s or 24h`);
  return Math.round(Number(amount) * DURATION_UNITS[unit as keyof typeof DURATION_UNITS]);
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.issues.push({ code: 'custom', message, input: context.value });
  return z.NEVER;
}
