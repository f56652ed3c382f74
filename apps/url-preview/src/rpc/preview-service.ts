import type { Turns } from '@medley/streams/turns';
import type { Measure } from '@medley/telemetry/measure';
import type { Images } from '../ports/images.ts';
import type { Previewer } from '../previewer.ts';

/** What the calls work with. */
export interface PreviewService {
  readonly previewer: Previewer;
  readonly turns: Turns;
  readonly images: Images;
  readonly measure: Measure;
}
