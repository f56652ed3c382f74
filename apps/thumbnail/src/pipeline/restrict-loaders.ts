import sharp from 'sharp';

/** libvips picks a loader by the bytes, and has some for PDF and for scripts of ImageMagick. Only these may run. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((name) => `VipsForeignLoad${name}Buffer`);
const SVG_LOADER = 'VipsForeignLoadSvgBuffer';

/**
 * Shuts every decoder of this process but these; for good. One thread and no cache, for a process makes one image at a
 * time, and never the same twice.
 */
export function restrictLoaders(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  sharp.concurrency(1);
  sharp.cache(false);
}

/** Opens the loader that draws SVG, until it is disposed: only what our own scan let pass may reach it. */
export function openSvgLoader(): Disposable {
  sharp.unblock({ operation: [SVG_LOADER] });
  return { [Symbol.dispose]: () => void sharp.block({ operation: [SVG_LOADER] }) };
}

/** Whether this build of the library has a decoder for HEVC, which HEIC needs; the one that npm brings has none. */
export function canDecodeHeic(): boolean {
  const suffixes: readonly string[] = sharp.format.heif.input.fileSuffix ?? [];
  return suffixes.includes('.heic');
}
