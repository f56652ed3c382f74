import { identifiesServers } from './serving-identity.ts';
import { servesNothingElse } from './serving-nothing.ts';
import type { ServingScene } from './serving-scene.ts';
import { servesMedia } from './serving.ts';

/** All that other servers may, and may not, have of a Medley. */
export function describeServing(scene: ServingScene): void {
  servesMedia(scene);
  servesNothingElse(scene);
  identifiesServers(scene);
}
