import sharp from 'sharp';

/** libvips picks a loader by the bytes, and has some for SVG, PDF, TIFF and scripts of ImageMagick. Only these may run. */
const LOADERS = ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer', 'VipsForeignLoadNsgifBuffer'];

/**
 * Shuts every decoder of this process but the four; for good. One thread and no cache, for a process makes one image at
 * a time, and never the same twice.
 */
export function restrictLoaders(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  sharp.concurrency(1);
  sharp.cache(false);
}
