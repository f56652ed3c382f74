import type { PreviewUrlResponse, StoredImage } from '@medley/proto/url-preview';
import type { Preview } from '../previewer.ts';

/** A preview as callers see it. */
export function toResponse({ properties, image, logo: siteLogo, freshMs }: Preview<StoredImage>): PreviewUrlResponse {
  return {
    properties: [...properties].map(([name, value]) => ({
      name,
      value: typeof value === 'number' ? { $case: 'number', value } : { $case: 'text', value },
    })),
    image,
    siteLogo,
    freshMs,
  };
}
