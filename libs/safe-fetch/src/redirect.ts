import { FetchFailure } from './fetch-failure.ts';
import { parseUrl } from './url-rules.ts';

export interface RedirectRules {
  readonly maxRedirects: number;
  readonly allowsDowngrade: boolean;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Whether an answer sends us elsewhere. Other ways to say so, as a choice (300), a proxy (305) or `Refresh`, are not followed. */
export function isRedirect(status: number, locations: readonly string[]): boolean {
  return REDIRECTS.has(status) && locations.length > 0;
}

/** Reads where a redirect leads. Throws a FetchFailure where it is not said in a way that everybody reads alike. */
export function redirectTarget(locations: readonly string[], from: URL): URL {
  const [location = '', ...more] = locations;
  if (more.length > 0) throw refused('The answer names more than one location');
  // To some this is a path on the same host, to others it begins with a host.
  if (/^https?:(?!\/\/)/i.test(location)) throw refused('The location has a scheme and no //');
  // headers are bytes; sites that do not escape their paths write UTF-8
  const next = parseUrl(Buffer.from(location, 'latin1').toString('utf8'), from);
  next.hash = '';
  return next;
}

/** Throws a FetchFailure unless a fetch that has `seen` these URLs, `from` the last of them, may go on to `next`. */
export function judgeRedirect(from: URL, next: URL, seen: ReadonlySet<string>, { maxRedirects, allowsDowngrade }: RedirectRules): void {
  if (seen.has(next.href)) throw refused('The redirects go in circles');
  if (seen.size > maxRedirects) throw refused(`There are more than ${maxRedirects} redirects`);
  if (from.protocol === 'https:' && next.protocol === 'http:' && !allowsDowngrade) throw refused('The redirect leads from https to http');
}

function refused(detail: string): FetchFailure {
  return new FetchFailure('REDIRECT_REFUSED', detail);
}
