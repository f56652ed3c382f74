/** Who may call. `guest`: anybody with a token; `user`: no guests; `anyone`: no token is looked at. */
export type Caller = 'anyone' | 'guest' | 'user';

export interface Endpoint {
  readonly path: string;
  /** OPTIONS and, where there is GET, HEAD come besides. */
  readonly methods: readonly string[];
  readonly caller: Caller;
}

const OLD = ['v3', 'r0', 'v1'].map((version) => `/_matrix/media/${version}`);
const NEW = '/_matrix/client/v1/media';
const MEDIA = 'e2e.example/abc';

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
];

function endpoint(path: string, method: string, caller: Caller): Endpoint {
  return { path, methods: [method], caller };
}
