import Router, { type Layer } from '@koa/router';
import { MediaError } from '@medley/domain/media-error';
import type { Context, Middleware } from 'koa';
import { logAct, requireAdmin } from '../auth/admin.ts';
import { identifyHomeserver } from '../auth/appservice.ts';
import { authenticate } from '../auth/authenticate.ts';
import { identifyServer } from '../auth/x-matrix.ts';
import type { Gateway } from '../gateway.ts';
import { decodeParts } from './parse/path.ts';
import type { Route } from './routes/route.ts';

/**
 * Finds the route of a request and carries it out: tenant, requester, then the handler's own checks, so that who
 * may not ask learns nothing. Fails with UNRECOGNIZED for an unknown path, METHOD_NOT_ALLOWED for a known one.
 */
export function dispatch(gateway: Gateway, routes: readonly Route[]): Middleware {
  const router = new Router({ strict: false, sensitive: true });
  const byName = new Map(routes.map((route) => [route.operation, route]));
  for (const route of routes) {
    router.register([...route.paths], [route.method], () => {}, { name: route.operation });
  }
  return async (context) => {
    const { path } = router.match(context.path, context.method);
    // of paths that overlap the first in the list counts, whatever its methods
    const layers = path.filter((one) => one.path === path[0]?.path);
    const layer = layers.find((one) => one.methods.includes(context.method));
    const route = byName.get(String(layer?.name));
    if (layer === undefined || route === undefined) throw refuse(context, layers.flatMap((one) => one.methods));
    context.state['operation'] = route.operation;
    await carryOut(gateway, route, context, () => decodeParts(rawParts(layer, context.path)));
  };
}

/** The parts of a path as they stand in it; the router would decode them, and leave what can't be. */
function rawParts(layer: Layer, path: string): Record<string, string> {
  const captures = layer.captures(path);
  return Object.fromEntries(layer.paramNames.map(({ name }, index) => [name, captures[index] ?? '']));
}

function refuse(context: Context, methods: readonly string[]): MediaError {
  if (methods.length === 0) return new MediaError('UNRECOGNIZED', 'Unrecognized request');
  context.set('Allow', [...new Set([...methods, 'OPTIONS'])].join(', '));
  return new MediaError('METHOD_NOT_ALLOWED', 'Unrecognized request');
}

async function carryOut(gateway: Gateway, route: Route, context: Context, readParams: () => Record<string, string>): Promise<void> {
  const query = new URLSearchParams(context.querystring);
  const signal = signalOfLeaving(context);
  if (route.caller === 'server') {
    const { server, tenant } = await gateway.measures.signature(() => identifyServer(gateway, context, signal));
    return route.handle({ context, tenant, params: readParams(), query, signal, server }, gateway);
  }
  const tenant = route.caller === 'homeserver' ? identifyHomeserver(gateway, context) : gateway.tenants.ofHost(context.get('Host'));
  if (route.caller === 'anyone') await gateway.limits.ofAddress(route.limit, { context, tenant, signal });
  if (route.caller === 'anyone' || route.caller === 'homeserver') {
    return route.handle({ context, tenant, params: readParams(), query, signal }, gateway);
  }
  const { requester, token } = await authenticate(gateway, { context, tenant, query });
  if (requester.isGuest && route.caller !== 'guest') throw new MediaError('GUEST_FORBIDDEN', 'Guest access not allowed');
  if (route.suspended === 'refused') await gateway.suspensions.refuse(tenant, requester.userId);
  const exchange = { context, tenant, query, signal, requester, token };
  await gateway.limits.ofUser(route.limit, exchange);
  if (route.caller !== 'admin') return route.handle({ ...exchange, params: readParams() }, gateway);
  await requireAdmin(gateway, exchange);
  if (route.method !== 'GET') logAct(gateway, route.operation, exchange);
  return route.handle({ ...exchange, tenant: gateway.tenants.asSeenBy(tenant, requester.userId), params: readParams() }, gateway);
}

function signalOfLeaving(context: Context): AbortSignal {
  const leaving = new AbortController();
  context.res.once('close', () => {
    if (!context.res.writableFinished) leaving.abort(new MediaError('UPLOAD_INCOMPLETE', 'The requester left'));
  });
  return leaving.signal;
}
