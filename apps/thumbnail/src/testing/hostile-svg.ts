const OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="100"';

/** An SVG of 100x100 with this inside. */
export function svg(inside: string, ahead = ''): Buffer {
  return Buffer.from(`${ahead}${OPEN}>${inside}</svg>`);
}

/** Every way that is known to make an SVG load something, at this address. */
export function svgsThatLoad(address: string): Readonly<Record<string, Buffer>> {
  const entity = `<!DOCTYPE svg [<!ENTITY x SYSTEM "${address}">]>`;
  return {
    image: svg(`<image href="${address}" width="9" height="9"/>`),
    'image with a prefix': svg(`<image xlink:href="${address}" width="9" height="9"/>`),
    'image, escaped': svg(`<image href="&#${address.charCodeAt(0)};${address.slice(1)}" width="9" height="9"/>`),
    use: svg(`<use href="${address}#a"/>`),
    feImage: svg(`<filter id="f"><feImage href="${address}"/></filter><rect filter="url(#f)" width="9" height="9"/>`),
    paint: svg(`<rect fill="url(${address}#a)" width="9" height="9"/>`),
    'paint, escaped': svg(`<rect style="fill:\\75rl(${address}#a)" width="9" height="9"/>`),
    'paint, escaped twice': svg(`<rect style="fill:&#92;75rl(${address}#a)" width="9" height="9"/>`),
    import: svg(`<style>@import "${address}";</style><rect width="9" height="9"/>`),
    'font of a style': svg(`<style>@font-face{font-family:a;src:url(${address})}</style><text font-family="a">a</text>`),
    'style sheet': svg('<rect width="9" height="9"/>', `<?xml-stylesheet href="${address}" type="text/css"?>`),
    include: svg(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${address}" parse="text"/>`),
    entity: svg('<text>&x;</text>', entity),
    'entity of a parameter': svg('<rect/>', `<!DOCTYPE svg [<!ENTITY % x SYSTEM "${address}"> %x;]>`),
    script: svg(`<script href="${address}"/>`),
    'picture in a picture': svg(`<image href="data:image/svg+xml;base64,${svg(`<image href="${address}"/>`).toString('base64')}"/>`),
  };
}

/** SVGs that are small to send and large to draw. */
export function svgBombs(): Readonly<Record<string, Buffer>> {
  const levels = Array.from({ length: 12 }, (_, level) => level);
  const uses = levels.map((level) => `<g id="l${level + 1}">${`<use href="#l${level}"/>`.repeat(10)}</g>`).join('');
  const patterns = levels.map((level) => `<pattern id="p${level + 1}" width=".1" height=".1"><rect class="c${level}" width="9" height="9"/></pattern>`).join('');
  const rules = levels.map((level) => `.c${level}{fill:url(#p${level})}`).join('');
  const blur = '<feGaussianBlur stdDeviation="50"/><feTurbulence baseFrequency=".9" numOctaves="9"/>'.repeat(150);
  return {
    entities: svg('<text>&d;</text>', `<!DOCTYPE svg [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(100)}"><!ENTITY c "${'&b;'.repeat(100)}"><!ENTITY d "${'&c;'.repeat(100)}">]>`),
    uses: svg(`<defs><rect id="l0" width="9" height="9"/>${uses}</defs><use href="#l12"/>`),
    circle: svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
    patterns: svg(`<style>${rules}</style>${patterns}<rect class="c12" width="99" height="99"/>`),
    filters: svg(`<filter id="f">${blur}</filter>${'<rect filter="url(#f)" width="99" height="99"/>'.repeat(50)}`),
    depth: svg('<g opacity=".9">'.repeat(50_000) + '</g>'.repeat(50_000)),
    layers: svg(`${'<g opacity=".9">'.repeat(90)}<rect width="99" height="99"/>${'</g>'.repeat(90)}`),
    elements: svg('<rect width="9" height="9"/>'.repeat(60_000)),
    path: svg(`<path d="M0 0${'L99 99L0 99L99 0'.repeat(60_000)}" stroke="red" stroke-dasharray=".1"/>`),
    attributes: svg(`<rect ${Array.from({ length: 50_000 }, (_, index) => `a${index}="1"`).join(' ')}/>`),
    text: svg(`<text>${'x'.repeat(2_000_000)}</text>`),
    'space in a tag': svg(`<rect${' '.repeat(3_000_000)}width="9"/>`),
    'quotes that stay open': svg(`<rect a="${"'".repeat(1_000_000)}`),
    'encoding that we do not read': Buffer.from('\ufeff<?xml version="1.0" encoding="utf-16"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'utf16le'),
    'false encoding': svg('<rect/>', '<?xml version="1.0" encoding="utf-7"?>'),
  };
}
