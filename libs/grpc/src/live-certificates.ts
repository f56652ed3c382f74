import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { experimental } from '@grpc/grpc-js';

/** PEM texts. With them both sides of every call show a certificate of the same authority. */
export interface TlsMaterial {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Where they came from, if they are to be followed. */
  readonly files?: TlsFiles | undefined;
}

/** The files that are named are read again and again, every `reloadMs`. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly reloadMs: number;
}

/** Told once for each change of the files that can't be used; what was used before stays in use. */
export type OnReloadProblem = (problem: Error) => void;

/** Told of every whole set that came after the one before. */
export type OnChange = (tls: TlsMaterial) => void;

type CaListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

/**
 * Certificates that follow their files, so that they can be rotated without a restart: connections made from then on use
 * the new ones, those that exist go on. grpc-js has such a watcher, but that refuses every connection while one file is
 * missing or half of a pair is new; here a set is taken only when it is whole and its key fits its certificate.
 */
export class LiveCertificates implements experimental.CertificateProvider {
  readonly #caListeners = new Set<CaListener>();
  readonly #identityListeners = new Set<IdentityListener>();
  readonly #followers = new Set<OnChange>();
  readonly #onProblem: OnReloadProblem;
  #current: TlsMaterial;
  #lastProblem = '';
  #timer: NodeJS.Timeout | undefined;
  #firstRead: Promise<void> | undefined;

  /** Throws if no connection can be made with `tls`. */
  constructor(tls: TlsMaterial, onProblem: OnReloadProblem = () => {}) {
    check(tls);
    this.#current = tls;
    this.#onProblem = onProblem;
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    void this.#watch().then(() => listener(toCa(this.#current)));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
    this.#unwatch();
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    void this.#watch().then(() => listener(toIdentity(this.#current)));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
    this.#unwatch();
  }

  /** What new connections use now; changes only while somebody listens or follows. */
  get current(): TlsMaterial {
    return this.#current;
  }

  /** Follows the files until the answer is disposed of. */
  follow(onChange: OnChange = () => {}): Disposable {
    this.#followers.add(onChange);
    void this.#watch();
    return {
      [Symbol.dispose]: () => {
        this.#followers.delete(onChange);
        this.#unwatch();
      },
    };
  }

  /** Reads the files now; happens by itself while anybody listens. Never rejects. */
  async reload(): Promise<void> {
    try {
      const read = await readAgain(this.#current);
      if (isSame(read, this.#current)) return;
      check(read);
      this.#current = read;
      this.#lastProblem = '';
      for (const listener of this.#caListeners) listener(toCa(read));
      for (const listener of this.#identityListeners) listener(toIdentity(read));
      for (const onChange of this.#followers) onChange(read);
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      if (problem.message !== this.#lastProblem) this.#onProblem(problem);
      this.#lastProblem = problem.message;
    }
  }

  /** Resolves once what is current has been read: a client may connect long after its configuration was. */
  #watch(): Promise<void> {
    const { files } = this.#current;
    if (files === undefined) return Promise.resolve();
    this.#timer ??= setInterval(() => void this.reload(), files.reloadMs).unref();
    this.#firstRead ??= this.reload();
    return this.#firstRead;
  }

  #unwatch(): void {
    if (this.#caListeners.size + this.#identityListeners.size + this.#followers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#firstRead = undefined;
  }
}

async function readAgain({ files, ...current }: TlsMaterial): Promise<TlsMaterial> {
  const again = async (path: string | undefined, text: string): Promise<string> => (path === undefined ? text : readFile(path, 'utf8'));
  const [ca, cert, key] = await Promise.all([again(files?.ca, current.ca), again(files?.cert, current.cert), again(files?.key, current.key)]);
  return { ca, cert, key, files };
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  // the configuration leaves the last line end out
  return one.ca.trim() === other.ca.trim() && one.cert.trim() === other.cert.trim() && one.key.trim() === other.key.trim();
}

/** Throws unless a connection can be made with them. */
function check({ ca, cert, key }: TlsMaterial): void {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) throw new Error('the key does not fit the certificate');
  createSecureContext({ ca, cert, key });
}

function toCa({ ca }: TlsMaterial): experimental.CaCertificateUpdate {
  return { caCertificate: Buffer.from(ca) };
}

function toIdentity({ cert, key }: TlsMaterial): experimental.IdentityCertificateUpdate {
  return { certificate: Buffer.from(cert), privateKey: Buffer.from(key) };
}
