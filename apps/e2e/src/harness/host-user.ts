import type { Account } from '@medley/testing/fake-homeserver';
import type { Answer, CallOptions } from './http-call.ts';
import { MediaUser } from './media-user.ts';
import type { Site } from './site.ts';

/** Somebody who calls at one host, whoever's token it is. */
export class HostUser extends MediaUser {
  readonly host: string;

  constructor(site: Site, account: Account, host: string) {
    super(site, account);
    this.host = host;
  }

  override call(path: string, options: CallOptions = {}): Promise<Answer> {
    return super.call(path, { ...options, headers: { host: this.host, ...options.headers } });
  }
}
