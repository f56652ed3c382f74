import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { urlPreviews } from '@medley/config/url-previews';
import { parsePreviewUrl } from '@medley/domain/preview-url';
import { SafeFetch } from '@medley/safe-fetch/safe-fetch';
import { httpAnswer, redirect } from '@medley/safe-fetch/web-server.fixture';
import { SITE, World } from '@medley/safe-fetch/world.fixture';
import { ParserPool } from '../page/parser-pool.ts';
import { Previewer } from '../previewer.ts';
import { toFetchPolicy } from '../url-policy.ts';
import type { HostileAddress } from './hostile-addresses.ts';

/** What became of all the attempts. */
export interface ForbiddenReport {
  /** Connections that were begun to any address but the site's, or requests that came over them if those are more. */
  readonly forbidden: number;
  /** Where to. */
  readonly reached: readonly string[];
  readonly asked: number;
  /** How often the site was asked: what it leads to was seen. */
  readonly siteRequests: number;
  /** Whether an ordinary page was previewed after all of it. */
  readonly works: boolean;
}

/** Whether links, redirects, pictures, oEmbed and names make a previewer connect to where it must not; `allowed` opens networks besides the site's. */
export async function askForbidden(addresses: readonly HostileAddress[], allowed: readonly string[] = []): Promise<ForbiddenReport> {
  await using world = await World.start();
  const config = urlPreviews.parse({ ports: 'any', allowed_networks: [`${SITE}/32`, ...allowed] });
  await using fetch = new SafeFetch({ ...toFetchPolicy(config), dnsServers: [world.dns.address], connectTimeoutMs: 300 });
  await using parsers = new ParserPool(1);
  const previewer = new Previewer({ config, fetch, parsers, maxImagePixels: 1_000_000 });
  using watch = watchConnections();
  const urls = addresses.flatMap((address) => plant(world, address));
  for (const url of urls) await preview(previewer, url);
  const title = await preview(previewer, world.url('site.example.com', '/good'));
  const reached = [...new Set(watch.addresses)].filter((address) => address !== SITE);
  const forbidden = watch.addresses.filter((address) => address !== SITE).length;
  // Whoever gets round the watch still falls into the trap, and a kept connection serves many requests.
  return { forbidden: Math.max(forbidden, world.trap.connections, world.trap.requests.length), reached, asked: urls.length, siteRequests: world.site.requests.length, works: title === 'Good' };
}

/** Every way that leads to an address, as URLs to preview. */
function plant(world: World, { id, host, answers }: HostileAddress): readonly string[] {
  const target = (scheme = 'http'): string => `${scheme}://${host}:${world.site.port}/secret`;
  const page = (html: string): Buffer => httpAnswer('200 OK', { 'content-type': 'text/html' }, `<title>Page</title>${html}`);
  const ways = {
    [`/${id}/redirect`]: redirect(target()),
    [`/${id}/image`]: page(`<meta property="og:image" content="${target()}">`),
    [`/${id}/oembed`]: page(`<link rel=alternate type=application/json+oembed href="${target()}">`),
  };
  world.site.set('/good', page('<meta property="og:title" content="Good">'));
  for (const [path, script] of Object.entries(ways)) world.site.set(path, script);
  if (answers !== undefined) world.dns.set(host, answers);
  return [target(), target('https'), ...Object.keys(ways).map((path) => world.url('site.example.com', path))];
}

async function preview(previewer: Previewer, text: string): Promise<unknown> {
  try {
    const visit = previewer.begin({ url: parsePreviewUrl(text), acceptLanguage: '', wantsLogo: true }, new AbortController().signal);
    return (await previewer.run(visit, async (image) => image)).properties.get('og:title');
  } catch {
    return undefined; // Refused, as it should be; what counts is who was connected to.
  }
}

/** Notes the address of every connection that this process begins. */
function watchConnections(): Disposable & { readonly addresses: readonly string[] } {
  const addresses: string[] = [];
  const note = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    socket.on('connectionAttempt', (address: string) => addresses.push(address));
  };
  subscribe('net.client.socket', note);
  return { addresses, [Symbol.dispose]: () => void unsubscribe('net.client.socket', note) };
}
