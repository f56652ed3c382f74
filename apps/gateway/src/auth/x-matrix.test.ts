import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { TIMEOUT_HEADER } from '@medley/grpc/trailer-names';
import { parseSigningKeys } from '@medley/matrix/signing-key';
import {
  ASKING, authorize, BYTES, FIRST, FIRST_TENANT, says, SECOND, SECOND_TENANT, sign, startFederation, STRANGER, URI, type FederationScene, type WholeAnswer,
} from '../federation.fixture.ts';

function assertServed({ status, body }: WholeAnswer): void {
  assert.equal(status, 200, body.toString());
  assert.ok(body.includes(BYTES));
}

/** Refused, with nothing but an errcode and a few words. */
function assertRefused({ status, headers, body }: WholeAnswer, wanted = [401, 'M_UNAUTHORIZED']): string {
  const { errcode, error, ...more } = JSON.parse(body.toString()) as Record<string, unknown>;
  assert.deepEqual([status, errcode, more], [...wanted, {}], body.toString());
  assert.equal(headers['cache-control'], 'no-store');
  return String(error);
}

describe('a request of another server', () => {
  let scene: FederationScene;
  before(async () => {
    scene = await startFederation();
  });
  after(() => scene[Symbol.asyncDispose]());

  takesHeaders(() => scene);
  takesWhatWasSent(() => scene);
  refusesHeaders(() => scene);
  choosesTenants(() => scene);
});

function takesHeaders(scene: () => FederationScene): void {
  const { signature, key: { keyId } } = sign();
  const [origin, destination, key, sig] = [`origin="${ASKING}"`, `destination="${FIRST_TENANT}"`, `key="${keyId}"`, `sig="${signature}"`] as const;
  const taken: Readonly<Record<string, string | readonly string[]>> = {
    'as we would write it': authorize(),
    'with names in other letters': `x-matrix ORIGIN="${ASKING}",Destination="${FIRST_TENANT}",kEY="${keyId}",Sig="${signature}"`,
    'without quotes': `X-Matrix origin=${ASKING},destination=${FIRST_TENANT},key=${keyId},sig=${signature}`,
    'in another order, with space and unknown names': `X-Matrix   ${sig} , ${key},\tnew="a,b",${destination},${origin}`,
    'with its base64 padded': `X-Matrix ${origin},${destination},${key},sig="${signature}=="`,
    'beside another scheme': ['Bearer token', authorize()],
    'with a second signature that is wrong': [authorize(), authorize({ key: STRANGER })],
    'with a second signature that is right': [authorize({ key: SECOND }), authorize()],
  };
  for (const [how, header] of Object.entries(taken)) {
    it(`is answered if it is signed, ${how}`, async () => assertServed(await scene().get(URI, header)));
  }
}

function takesWhatWasSent(scene: () => FederationScene): void {
  const asked = `${URI}?a=x+y%20z&timeout_ms=0&b=%c3%A4`;
  const others = {
    'with %20 for +': asked.replace('+', '%20'), 'with + for %20': asked.replace('%20', '+'), 'in another order': `${URI}?timeout_ms=0&a=x+y%20z&b=%c3%A4`,
    'with escapes in other letters': asked.replace('%c3', '%C3'), 'without its query': URI, 'decoded': decodeURIComponent(asked), 'with an end': `${asked}&`,
  };

  it('is answered if its target was signed as it was sent', async () => {
    for (const uri of [asked, `${URI}?`, `${URI}?&&x`, URI.replace(/media$/, 'med%69a')]) assertServed(await scene().get(uri, authorize({ uri })));
  });

  for (const [how, uri] of Object.entries(others)) {
    it(`is refused if its target was signed ${how}`, async () => void assertRefused(await scene().get(asked, authorize({ uri }))));
  }
}

function refusesHeaders(scene: () => FederationScene): void {
  const { signature } = sign();
  const refused: Readonly<Record<string, string | readonly string[] | undefined>> = {
    'no header': undefined,
    'a token': 'Bearer fixture-token',
    'another scheme': authorize().replace('X-Matrix', 'Y-Matrix'),
    'nothing behind the scheme': 'X-Matrix',
    'no signature': authorize().replace(/,sig=.*/, ''),
    'an empty signature': authorize().replace(/sig=.*/, 'sig=""'),
    'half a signature': authorize().replace(signature, signature.slice(0, 43)),
    'another destination': authorize({ destination: 'elsewhere.example' }),
    'our name in other letters as destination': authorize({ destination: FIRST_TENANT.toUpperCase() }),
    'our name and a port as destination': authorize({ destination: `${FIRST_TENANT}:8448` }),
    'two destinations': [authorize(), authorize({ destination: SECOND_TENANT })],
    'two origins': [authorize(), authorize({ origin: 'other.example' })],
    'an origin that is none': authorize({ origin: 'not a/name' }),
    'an origin that it was not signed for': authorize({ origin: 'other.example' }).replace('other.example', ASKING),
    'a destination that it was not signed for': authorize({ destination: SECOND_TENANT }).replace(SECOND_TENANT, FIRST_TENANT),
    'a signature of another method': authorize({ method: 'PUT' }),
    'a signature of a body, too': authorize({ more: { content: {} } }),
    'a signature by another key of the same name': authorize({ key: STRANGER }),
    'a key that nobody knows': authorize({ key: SECOND }),
    'two headers that are wrong': [authorize({ key: STRANGER }), authorize({ key: SECOND })],
  };
  for (const [what, header] of Object.entries(refused)) {
    it(`is refused with ${what}`, async () => void assertRefused(await scene().get(URI, header)));
  }

  it('is refused in the same words whether its key or its signature is wrong, and whether there is such media', async () => {
    const words = await Promise.all([STRANGER, SECOND].flatMap((key) => [URI, `${URI}nope`, `${URI}?width=x`].map(async (uri) => assertRefused(await scene().get(uri, authorize({ uri, key }))))));
    assert.equal(new Set(words).size, 1);
  });
}

function choosesTenants(scene: () => FederationScene): void {
  it('is for the tenant that it names, whatever its Host is', async () => {
    for (const host of [FIRST_TENANT, 'media.elsewhere.example']) {
      assertServed(await scene().get(URI, authorize({ destination: SECOND_TENANT }), { headers: { host } }));
    }
  });

  it('is for the tenant of its Host if it names none, as of old servers', async () => {
    const header = authorize().replace(`destination="${FIRST_TENANT}",`, '');
    assertServed(await scene().get(URI, header));
    for (const host of [SECOND_TENANT, 'elsewhere.example']) assertRefused(await scene().get(URI, header, { headers: { host } }));
  });

  it('may be of another tenant, whose keys nobody is asked for', async () => {
    const own = (seed: number) => parseSigningKeys(`ed25519 own ${Buffer.alloc(32, seed).toString('base64')}`)[0];
    const before = scene().asked.length;
    assertServed(await scene().get(URI, authorize({ origin: SECOND_TENANT, key: own(11) })));
    assertRefused(await scene().get(URI, authorize({ origin: SECOND_TENANT, key: own(10) })));
    assertRefused(await scene().get(URI, authorize({ origin: SECOND_TENANT })));
    assert.equal(scene().asked.length, before);
  });
}

describe('the keys of another server', () => {
  it('are asked for once', async () => {
    await using scene = await startFederation();
    for (const answer of await Promise.all([1, 2, 3].map(() => scene.get(URI, authorize())))) assertServed(answer);
    assertServed(await scene.get(URI, authorize()));
    assert.deepEqual(scene.asked, [{ serverName: ASKING, keyIds: [FIRST.keyId] }]);
  });

  it('are asked for again where a new one is used', async () => {
    await using scene = await startFederation();
    assertServed(await scene.get(URI, authorize()));
    scene.getServerKeys = async () => says([SECOND]);
    assertServed(await scene.get(URI, authorize({ key: SECOND })));
    assertRefused(await scene.get(URI, authorize()));
    assert.deepEqual(scene.asked.map(({ keyIds }) => keyIds), [[FIRST.keyId], [SECOND.keyId], [FIRST.keyId]]);
  });

  it('do not count any more once they have expired', async () => {
    await using scene = await startFederation();
    scene.getServerKeys = async () => says([FIRST], Date.now() - 1);
    await scene.get(URI, authorize());
    scene.getServerKeys = async () => Promise.reject(new MediaError('FETCH_FAILED', 'they have expired'));
    assertRefused(await scene.get(URI, authorize()));
  });

  it('refuse its requests while they can’t be had, and are asked for again', async () => {
    await using scene = await startFederation();
    for (const reason of ['FETCH_FAILED', 'FORBIDDEN'] as const) {
      scene.getServerKeys = async () => Promise.reject(new MediaError(reason, 'the remote says <html>'));
      assert.doesNotMatch(assertRefused(await scene.get(URI, authorize())), /html/);
    }
    scene.getServerKeys = async () => says([FIRST]);
    assertServed(await scene.get(URI, authorize()));
  });

  it('are no reason to call a request wrong while we can’t ask', async () => {
    await using scene = await startFederation();
    scene.getServerKeys = async () => Promise.reject(new MediaError('BUSY', 'too many'));
    assertRefused(await scene.get(URI, authorize()), [503, 'M_UNKNOWN']);
  });

  it('are waited for as long as it takes to ask the server and every notary', async () => {
    const notary = { server_name: 'notary.example', keys: { 'ed25519:n': 'A'.repeat(43) } };
    await using scene = await startFederation({ config: { federation: { notaries: [notary, notary] } } });
    let timeoutMs = 0;
    scene.getServerKeys = async (_request, { metadata }) => {
      timeoutMs = Number(metadata.get(TIMEOUT_HEADER));
      return says([FIRST]);
    };
    assertServed(await scene.get(URI, authorize()));
    assert.ok(timeoutMs > 30_000, `${timeoutMs} ms`);
  });

  it('are not asked for by who names nobody of ours', async () => {
    await using scene = await startFederation();
    assertRefused(await scene.get(URI, authorize({ destination: 'elsewhere.example' })));
    assertRefused(await scene.get(URI, [authorize(), authorize({ origin: 'other.example' })]));
    assert.equal(scene.asked.length, 0);
  });
});

describe('a server with which we have nothing to do', () => {
  const rules: Readonly<Record<string, object>> = {
    'that is denied': { denied_servers: ['asking.example'] },
    'that is below a denied one': { denied_servers: ['*.example'] },
    'that is not among the allowed ones': { allowed_servers: ['partner.example'] },
    'as with all, where federation is switched off': { enabled: false },
  };
  for (const [which, federation] of Object.entries(rules)) {
    it(`is refused: one ${which}`, async () => {
      await using scene = await startFederation({ config: { federation } });
      assert.equal(assertRefused(await scene.get(URI, authorize()), [403, 'M_FORBIDDEN']), `Federation denied with ${ASKING}.`);
      assertRefused(await scene.get(URI, undefined));
      assert.equal(scene.asked.length, 0);
    });
  }
});
