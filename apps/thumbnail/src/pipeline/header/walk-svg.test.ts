import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { svg, svgBombs, svgsThatLoad } from '../../testing/hostile-svg.ts';
import type { HeaderSize } from './header-bytes.ts';
import { walkSvg } from './walk-svg.ts';

const RED_PIXEL = 'data:image/png;base64,aGVsbG8=';

describe('walkSvg', () => {
  const good: Readonly<Record<string, Buffer>> = {
    shapes: svg('<g id="a"><rect width="9" height="9"/></g><use href="#a"/>'),
    'a sprite': svg(`<defs><linearGradient id="g"><stop/><stop/></linearGradient></defs>${'<path fill="url(#g)" d="M0 0L9 9"/>'.repeat(2000)}`),
    'a shadow': svg('<filter id="f"><feGaussianBlur/><feOffset/><feMerge><feMergeNode/></feMerge></filter><g filter="url(\'#f\')"><rect/></g>'),
    'an old head': svg('', '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- Created with a program > 1 -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'),
    'metadata of a program': svg('<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><cc:Work rdf:resource="http://purl.org/dc/dcmitype/StillImage"/></rdf:RDF></metadata>'),
    style: svg('<style><![CDATA[.a{fill:url(#g)} a>b{}]]></style><rect class="a"/>'),
    'letters of all kinds': svg('<text title=\'a > b\'>Grüße &#38; &lt;3 日本</text>'),
    'an embedded picture': svg(`<image xlink:href="${RED_PIXEL}"/>`),
  };
  for (const [name, bytes] of Object.entries(good)) {
    it(`lets ${name} pass`, () => {
      const { width, height } = walkSvg(bytes, () => ({ width: 1, height: 1, frames: 1, scans: 1, memoryBytes: 4 }));
      assert.deepEqual([width, height], [1600, 1600]);
    });
  }

  for (const [name, bytes] of Object.entries({ ...svgsThatLoad('http://example.org/x'), ...svgsThatLoad('//example.org/x'), ...svgsThatLoad('../x.png') })) {
    it(`refuses what loads something elsewhere: ${name}`, () => refuses(bytes));
  }

  for (const name of ['entities', 'uses', 'circle', 'filters', 'depth', 'elements', 'text', 'quotes that stay open', 'encoding that we do not read', 'false encoding']) {
    it(`refuses, in milliseconds, a bomb of ${name}`, () => {
      const started = performance.now();
      refuses(svgBombs()[name] ?? assert.fail(name));
      assert.ok(performance.now() - started < 1000);
    });
  }

  it('refuses what is not well-formed, or not SVG at its root', () => {
    for (const text of ['<svg', '<svg>', '<svg></svg></svg>', '<svg a=b></svg>', '<svg><g a="<"/></svg>', '<html><svg/></html>', '<svg><!--', '<svg><![CDATA[</svg>', '<svg/><']) refuses(Buffer.from(text));
  });

  it('counts the pixels of embedded pictures as memory', () => {
    const embedded = svg(`<image href="${RED_PIXEL}"/>`.repeat(3));
    const walked: HeaderSize = { width: 5000, height: 4000, frames: 1, scans: 1, memoryBytes: 0 };
    const seen: string[] = [];
    const { memoryBytes } = walkSvg(embedded, (bytes) => {
      seen.push(bytes.toString());
      return walked;
    });
    assert.deepEqual(seen, ['hello', 'hello', 'hello']);
    assert.ok(memoryBytes > 3 * 5000 * 4000 * 4);
  });
});

function refuses(bytes: Buffer): void {
  assert.throws(() => walkSvg(bytes, () => assert.fail('no picture may be read')), { reason: 'CANNOT_THUMBNAIL' });
}
