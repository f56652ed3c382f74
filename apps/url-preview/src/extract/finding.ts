/** What one way of reading a page has found. */
export interface Finding {
  readonly source: 'open graph' | 'twitter card' | 'JSON-LD' | 'oEmbed' | 'HTML' | 'file';
  /** Names and values as they were found, the more important first; relative URLs are relative to the page. */
  readonly properties: readonly (readonly [name: string, value: string])[];
  /** Where images are, the best first. */
  readonly images: readonly string[];
}
