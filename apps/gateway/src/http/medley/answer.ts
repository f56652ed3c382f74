import type { Context } from 'koa';

/** Answers with JSON that nobody may keep: it is about what can change at any time. */
export function answer({ context }: { readonly context: Context }, body: object, status = 200): void {
  context.set('Cache-Control', 'no-store');
  context.status = status;
  context.body = body;
}
