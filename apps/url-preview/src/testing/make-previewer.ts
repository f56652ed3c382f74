import { urlPreviews, type UrlPreviewsConfig } from '@medley/config/url-previews';
import { parsePreviewUrl } from '@medley/domain/preview-url';
import { SafeFetch } from '@medley/safe-fetch/safe-fetch';
import type { FoundImage } from '../image.ts';
import { ParserPool } from '../page/parser-pool.ts';
import { Previewer, type Preview } from '../previewer.ts';
import { toFetchPolicy } from '../url-policy.ts';
import type { Visit } from '../visit.ts';
import { WEB_NETWORK } from '@medley/testing/scripted-web';

/** A previewer whose Internet is this machine's. */
export interface TestPreviewer extends AsyncDisposable {
  /** Previews a URL; `wants` lies over the request. */
  preview(url: string, wants?: { readonly wantsLogo?: boolean; readonly acceptLanguage?: string }): Promise<Preview<FoundImage> & { readonly visit: Visit }>;
}

/** Makes one; `parts` lie over the configuration. */
export function makePreviewer(parts: Readonly<Record<string, unknown>> = {}, maxImagePixels = 32_000_000): TestPreviewer {
  const config: UrlPreviewsConfig = urlPreviews.parse({ ports: 'any', allowed_networks: [WEB_NETWORK], ...parts });
  const fetch = new SafeFetch(toFetchPolicy(config));
  const parsers = new ParserPool(2);
  const previewer = new Previewer({ config, fetch, parsers, maxImagePixels });
  return {
    async preview(url, { wantsLogo = false, acceptLanguage = '' } = {}) {
      const visit = previewer.begin({ url: parsePreviewUrl(url), acceptLanguage, wantsLogo }, new AbortController().signal);
      return { ...(await previewer.run(visit, async (image) => image)), visit };
    },
    async [Symbol.asyncDispose]() {
      await parsers[Symbol.asyncDispose]();
      await fetch[Symbol.asyncDispose]();
    },
  };
}
