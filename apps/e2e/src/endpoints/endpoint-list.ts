/** Who may call. `guest`: anybody with a token; `user`: no guests; `admin`: only admins; `anyone`: no token is looked at. */
export type Caller = 'anyone' | 'guest' | 'user' | 'admin';

export interface Endpoint {
  readonly path: string;
  /** OPTIONS and, where there is GET, HEAD come besides. */
  readonly methods: readonly string[];
  readonly caller: Caller;
}

const OLD = ['v3', 'r0', 'v1'].map((version) => `/_matrix/media/${version}`);
const NEW = '/_matrix/client/v1/media';
const MEDIA = 'e2e.example/abc';

const SYNAPSE = '/_synapse/admin/v1';
const USER = '@somebody:e2e.example';
const ROOM = '!room:e2e.example';

/** Synapse's admin API, as far as it is about media. */
export const ADMIN_ENDPOINTS: readonly Endpoint[] = [
  ...['quarantine', 'unquarantine'].map((action) => endpoint(`${SYNAPSE}/media/${action}/${MEDIA}`, 'POST', 'admin')),
  ...['protect', 'unprotect'].map((action) => endpoint(`${SYNAPSE}/media/${action}/abc`, 'POST', 'admin')),
  { path: `${SYNAPSE}/media/${MEDIA}`, methods: ['GET', 'DELETE'], caller: 'admin' },
  endpoint(`${SYNAPSE}/media/quarantine_changes`, 'GET', 'admin'),
  endpoint(`${SYNAPSE}/media/delete`, 'POST', 'admin'),
  endpoint(`${SYNAPSE}/media/e2e.example/delete`, 'POST', 'admin'),
  endpoint(`${SYNAPSE}/room/${ROOM}/media`, 'GET', 'admin'),
  endpoint(`${SYNAPSE}/room/${ROOM}/media/quarantine`, 'POST', 'admin'),
  endpoint(`${SYNAPSE}/quarantine_media/${ROOM}`, 'POST', 'admin'),
  endpoint(`${SYNAPSE}/user/${USER}/media/quarantine`, 'POST', 'admin'),
  { path: `${SYNAPSE}/users/${USER}/media`, methods: ['GET', 'DELETE'], caller: 'admin' },
  endpoint(`${SYNAPSE}/purge_media_cache`, 'POST', 'admin'),
  endpoint(`${SYNAPSE}/statistics/users/media`, 'GET', 'admin'),
];

/** Every endpoint there is, with ids that are in the grammar. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...OLD.map((base) => endpoint(`${base}/upload`, 'POST', 'user')),
  endpoint(`/_matrix/media/v3/upload/${MEDIA}`, 'PUT', 'user'),
  endpoint('/_matrix/media/v1/create', 'POST', 'user'),
  endpoint(`${NEW}/config`, 'GET', 'user'),
  ...OLD.slice(0, 2).map((base) => endpoint(`${base}/config`, 'GET', 'user')),
  endpoint(`${NEW}/preview_url`, 'GET', 'user'),
  ...OLD.map((base) => endpoint(`${base}/preview_url`, 'GET', 'user')),
  endpoint(`${NEW}/download/${MEDIA}`, 'GET', 'guest'),
  endpoint(`${NEW}/download/${MEDIA}/name.png`, 'GET', 'guest'),
  endpoint(`${NEW}/thumbnail/${MEDIA}`, 'GET', 'guest'),
  ...OLD.flatMap((base) => [
    endpoint(`${base}/download/${MEDIA}`, 'GET', 'anyone'),
    endpoint(`${base}/download/${MEDIA}/name.png`, 'GET', 'anyone'),
    endpoint(`${base}/thumbnail/${MEDIA}`, 'GET', 'anyone'),
  ]),
  ...ADMIN_ENDPOINTS,
];

function endpoint(path: string, method: string, caller: Caller): Endpoint {
  return { path, methods: [method], caller };
}
