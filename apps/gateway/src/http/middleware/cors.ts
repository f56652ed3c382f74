import type { Middleware } from 'koa';
import { CORS_HEADERS } from '../respond/security-headers.ts';

/** Lets every web client read every answer, and answers preflights without asking anybody (Matrix specification, “Web browser clients”). */
export const cors: Middleware = async (context, next) => {
  context.set(CORS_HEADERS);
  if (context.method !== 'OPTIONS') return next();
  context.status = 204;
};
