/** Who answers about which pages. In a scheme `*` stands for anything but the end of the host. */
export interface OEmbedProvider {
  readonly name: string;
  readonly schemes: readonly string[];
  /** Where to ask, with `{format}` for json. */
  readonly endpoint: string;
}

/** Sites whose pages tell a program less than their oEmbed answers. */
export const OEMBED_PROVIDERS: readonly OEmbedProvider[] = [
  { name: 'X', schemes: ['https://x.com/*/status/*', 'https://twitter.com/*/status/*', 'https://*.twitter.com/*/status/*'], endpoint: 'https://publish.x.com/oembed' },
  { name: 'YouTube', schemes: ['https://*.youtube.com/watch*', 'https://youtube.com/watch*', 'https://youtu.be/*', 'https://*.youtube.com/shorts/*', 'https://youtube.com/shorts/*', 'https://*.youtube.com/playlist*', 'https://*.youtube.com/live/*'], endpoint: 'https://www.youtube.com/oembed' },
  { name: 'Vimeo', schemes: ['https://vimeo.com/*', 'https://player.vimeo.com/video/*'], endpoint: 'https://vimeo.com/api/oembed.{format}' },
  { name: 'Dailymotion', schemes: ['https://www.dailymotion.com/video/*'], endpoint: 'https://www.dailymotion.com/services/oembed' },
  { name: 'TikTok', schemes: ['https://www.tiktok.com/*/video/*', 'https://www.tiktok.com/*/photo/*'], endpoint: 'https://www.tiktok.com/oembed' },
  { name: 'SoundCloud', schemes: ['https://soundcloud.com/*', 'https://on.soundcloud.com/*'], endpoint: 'https://soundcloud.com/oembed' },
  { name: 'Spotify', schemes: ['https://open.spotify.com/*'], endpoint: 'https://open.spotify.com/oembed' },
  { name: 'Flickr', schemes: ['https://*.flickr.com/photos/*', 'https://flic.kr/*'], endpoint: 'https://www.flickr.com/services/oembed/' },
  { name: 'Reddit', schemes: ['https://*.reddit.com/r/*/comments/*', 'https://reddit.com/r/*/comments/*'], endpoint: 'https://www.reddit.com/oembed' },
  { name: 'Bluesky', schemes: ['https://bsky.app/profile/*/post/*'], endpoint: 'https://embed.bsky.app/oembed' },
];
