/** Controls, and what turns the direction of text; a stranger's text must not reorder what stands around it. */
// eslint-disable-next-line no-control-regex -- it is controls that are to go
const UNWANTED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc\ufffe\uffff]/g;

/** Text as one line without anything that is not to be seen. Lone halves of characters are replaced. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(UNWANTED, '').replace(/\s+/g, ' ').trim();
}

/** Cuts text between words, if there are such, to at most `maxChars` with an ellipsis. */
export function shorten(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const cut = text.slice(0, maxChars - 1).toWellFormed().replace(/\ufffd$/, '');
  const space = cut.lastIndexOf(' ');
  return `${(space > maxChars / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
