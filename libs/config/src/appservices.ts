import { z } from 'zod';
import { parseYaml } from './yaml.ts';

const secret = z.string().min(1);

const namespace = z.object({
  /** Found at the beginning of a user id, as Synapse does it. */
  regex: z.string().min(1).superRefine((text, context) => {
    try {
      compileNamespace(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      context.addIssue({ code: 'custom', message: `is no regular expression that can be used here: ${error.message}` });
    }
  }),
});

/** What we read of an appservice's registration. */
const registration = z.strictObject({
  id: z.string().min(1),
  as_token: secret,
  sender_localpart: z.string().regex(/^[^:\s]+$/),
  namespaces: z.object({ users: z.array(namespace).nullable().default([]) }).prefault({}),
  rate_limited: z.boolean().nullable().default(true),
});

/**
 * An appservice of a homeserver, whose tokens are then known without asking it: its registration itself, or with `registration_file` the file
 * that the homeserver reads, of which only what concerns us is looked at.
 */
export const appservice = z.preprocess(unfold, registration);

export type AppserviceConfig = z.output<typeof appservice>;

/** The expression of a namespace. Throws SyntaxError. */
export function compileNamespace(regex: string): RegExp {
  return new RegExp(`^(?:${regex})`);
}

function unfold(value: unknown, context: z.RefinementCtx): unknown {
  if (typeof value !== 'object' || value === null || !('registration' in value) || Object.keys(value).length > 1) return value;
  const found = read(String(value.registration));
  if (found === undefined) context.addIssue({ code: 'custom', message: 'the registration is no YAML object' });
  return Object.fromEntries(Object.entries(found ?? {}).filter(([key]) => key in registration.shape));
}

function read(text: string): object | undefined {
  try {
    const found: unknown = parseYaml(text);
    return typeof found === 'object' && found !== null ? found : undefined;
  } catch {
    return undefined; // the parser's words could show a secret
  }
}
