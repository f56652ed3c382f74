/** What is no image but can be shown as one, by an external program. `demuxer` is ffmpeg's name for the container. */
export type Document =
  | { readonly kind: 'pdf' }
  | { readonly kind: 'video' | 'audio'; readonly demuxer: string };

const MOV_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'];

/** Tells by the first bytes; what somebody declared plays no part, and ffmpeg may not guess either. */
export function sniffDocument(bytes: Uint8Array): Document | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16)).toString('latin1');
  if (start.startsWith('%PDF-')) return { kind: 'pdf' };
  if (MOV_BOXES.includes(start.slice(4, 8))) return { kind: 'video', demuxer: 'mov' };
  if (start.startsWith('\x1a\x45\xdf\xa3')) return { kind: 'video', demuxer: 'matroska' };
  if (start.startsWith('OggS')) return { kind: 'video', demuxer: 'ogg' };
  if (start.startsWith('fLaC')) return { kind: 'audio', demuxer: 'flac' };
  if (start.startsWith('RIFF') && start.startsWith('WAVE', 8)) return { kind: 'audio', demuxer: 'wav' };
  if (start.startsWith('ID3') || /^\xff[\xfa\xfb\xf2\xf3]/.test(start)) return { kind: 'audio', demuxer: 'mp3' };
  return /^\xff[\xf0\xf1\xf8\xf9]/.test(start) ? { kind: 'audio', demuxer: 'aac' } : undefined;
}
