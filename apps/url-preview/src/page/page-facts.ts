/** A meta element: what it is about, in lower case, and what it says. */
export interface Meta {
  readonly name: string;
  readonly content: string;
}

export interface Link {
  /** Lower case. */
  readonly rel: string;
  readonly href: string;
  /** Lower case. */
  readonly type: string;
  readonly sizes: string;
}

export interface PageImage {
  readonly src: string;
  /** Pixels, if the page says so. */
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** What a page says of itself; all of it bounded, none of it trusted. */
export interface PageFacts {
  readonly encoding: string;
  readonly encodingBy: string;
  /** The href of the first base element that has one. */
  readonly base: string | undefined;
  /** In their order, by `property`, `name` or `itemprop`. */
  readonly metas: readonly Meta[];
  readonly links: readonly Link[];
  readonly images: readonly PageImage[];
  /** The text of the title, or of the first heading. */
  readonly title: string | undefined;
  /** The first paragraphs of what is to be read. */
  readonly text: string;
  readonly jsonLd: readonly string[];
  /** Whether the end was not reached, for its time was over. */
  readonly isCut: boolean;
}
