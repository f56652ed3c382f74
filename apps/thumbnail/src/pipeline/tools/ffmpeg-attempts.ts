import type { Document } from './sniff-document.ts';

/** The longer side of what is made of a frame, which the image pipeline then shrinks. */
const SIDE = 1600;
const MAX_PIXELS = 64_000_000;
/** How far into a film a frame is looked for that shows something, and how much of a sound is drawn. */
const LOOK_SECONDS = 5;
const LISTEN_SECONDS = 600;
/** Luma of black is 16. */
const DARKEST_LUMA = 28;
/** What people send; the decoders of old games and tape formats stay shut. */
const DECODERS = [
  'h264,hevc,vp8,vp9,av1,libdav1d,libvpx,libvpx-vp9,libaom-av1,mpeg4,h263,mpeg2video,theora,prores,mjpeg,png,bmp,gif',
  'aac,mp3,mp3float,flac,opus,libopus,vorbis,alac,ac3,eac3,amrnb,amrwb,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_s16be,pcm_u8,pcm_mulaw,pcm_alaw,adpcm_ima_wav,adpcm_ms',
].join(',');

/** The square pixels of a frame, no larger than is needed. */
const SHRINK = [
  "scale=w='max(1,iw*sar)':h=ih",
  `scale=w='min(${SIDE},iw)':h='min(${SIDE},ih)':force_original_aspect_ratio=decrease`,
  'setsar=1',
];
const NOT_DARK = ['signalstats', `metadata=select:key=lavfi.signalstats.YAVG:value=${DARKEST_LUMA}:function=greater`];
const WAVEFORM = 'aresample=8000,aformat=channel_layouts=mono,showwavespic=s=800x240:colors=0x2f7de1:scale=sqrt';

/**
 * The arguments for each attempt to make a picture of `input`, best first: a frame that is not dark, the first one, the
 * cover as it is embedded, the shape of the sound. A frame comes as BMP, which needs no decoder of a library.
 */
export function ffmpegAttempts({ kind, demuxer }: Exclude<Document, { kind: 'pdf' }>, input: string): readonly (readonly string[])[] {
  const frame = (filters: readonly string[]): readonly string[] => [
    ...open(demuxer, input, LOOK_SECONDS), '-map', '0:V:0', '-vf', filters.join(), ...toPipe('bmp', '-pix_fmt', 'bgr24'),
  ];
  const frames = kind === 'video' ? [frame([...SHRINK, ...NOT_DARK]), frame(SHRINK)] : [];
  const cover = [...open(demuxer, input, LOOK_SECONDS), '-map', '0:v:0', ...toPipe('copy')];
  const sound = [...open(demuxer, input, LISTEN_SECONDS), '-filter_complex', `[0:a:0]${WAVEFORM}`, ...toPipe('png')];
  return [...frames, cover, sound];
}

/** It may open the one file, as the one container, and nothing that the file points to. */
function open(demuxer: string, input: string, seconds: number): readonly string[] {
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'quiet', '-protocol_whitelist', 'file,pipe', '-f', demuxer,
    '-codec_whitelist', DECODERS, '-threads', '1', '-max_pixels', String(MAX_PIXELS), '-t', String(seconds), '-i', `file:${input}`,
  ];
}

function toPipe(codec: string, ...options: readonly string[]): readonly string[] {
  return ['-frames:v', '1', '-c:v', codec, ...options, '-filter_threads', '1', '-threads', '1', '-f', 'image2pipe', 'pipe:1'];
}
