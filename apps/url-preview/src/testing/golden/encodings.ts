import { encoded, type GoldenPage } from './golden-page.ts';

const SHIFT_JIS = [0x93, 0xfa, 0x96, 0x7b]; // 日本
const EUC_KR = [0xc7, 0xd1, 0xb1, 0xdb]; // 한글
const GBK = [0xd6, 0xd0, 0xce, 0xc4]; // 中文
const KOI8_R = [0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4]; // Привет
const WINDOWS_1251 = [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]; // Привет
const WINDOWS_1256 = [0xe3, 0xd1, 0xcd, 0xc8, 0xc7]; // مرحبا

/** Pages in encodings of many kinds, named in many ways. */
export const ENCODINGS: readonly GoldenPage[] = [
  page('UTF-8 that nobody names', encoded('text/html', `<title>${utf8('Ünïcödé ✓')}</title>`), 'Ünïcödé ✓'),
  page('windows-1252 that nobody names', encoded('text/html', '<title>caf', [0xe9, 0x20, 0x93], 'x', [0x94], '</title>'), 'café “x”'),
  page('Shift_JIS by a meta element', encoded('text/html', '<meta charset="Shift_JIS"><title>', SHIFT_JIS, '</title>'), '日本'),
  page('EUC-KR by the header', encoded('text/html; charset=euc-kr', '<title>', EUC_KR, '</title>'), '한글'),
  page('GBK by http-equiv', encoded('text/html', '<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>', GBK, '</title>'), '中文'),
  page('KOI8-R by the XML prolog', encoded('application/xhtml+xml', '<?xml version="1.0" encoding="koi8-r"?><html><head><title>', KOI8_R, '</title></head></html>'), 'Привет'),
  page('the header against the meta element', encoded('text/html; charset="windows-1251"', '<meta charset=utf-8><title>', WINDOWS_1251, '</title>'), 'Привет'),
  page('windows-1256, from right to left', encoded('text/html;charset=windows-1256', '<html dir=rtl><title>', WINDOWS_1256, '</title>'), 'مرحبا'),
  page('UTF-16 by its byte order mark, against the header', { type: 'text/html; charset=iso-8859-1', body: Buffer.from('\ufeff<title>Σίσυφος</title>', 'utf16le') }, 'Σίσυφος'),
  page('UTF-8 by its byte order mark', encoded('text/html; charset=iso-8859-1', [0xef, 0xbb, 0xbf], `<title>${utf8('żółw')}</title>`), 'żółw'),
  page('a label that nobody knows', encoded('text/html; charset=x-klingon', `<title>${utf8('Qapla’')}</title>`), 'Qapla’'),
  page('no type at all', encoded(undefined, `<!doctype html><title>${utf8('naïve')}</title>`), 'naïve'),
];

function page(name: string, answer: GoldenPage['answers'][string], title: string): GoldenPage {
  const path = `/${encodeURIComponent(name)}`;
  return { name, path, answers: { [path]: answer }, expected: { 'og:title': title } };
}

/** The bytes of UTF-8 as a text of one character each. */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}
