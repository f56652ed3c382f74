import { APPSERVICE_ROUTES } from './routes/appservice.ts';
import { CLIENT_ROUTES } from './routes/client.ts';
import { FEDERATION_ROUTES } from './routes/federation.ts';
import { MEDLEY_ROUTES } from './routes/medley.ts';
import type { Route } from './routes/route.ts';
import { SYNAPSE_ADMIN_ROUTES } from './routes/synapse-admin.ts';

/** Every route there is. */
export const ROUTES: readonly Route[] = [
  ...CLIENT_ROUTES, ...FEDERATION_ROUTES, ...SYNAPSE_ADMIN_ROUTES, ...APPSERVICE_ROUTES, ...MEDLEY_ROUTES,
];
