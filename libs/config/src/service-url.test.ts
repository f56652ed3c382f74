import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceUrl } from './service-url.ts';

test('an address of either kind makes a URL, with brackets or without', () => {
  const urls = ['http://10.1.2.3:8081', 'http://fd00::3:8081', 'http://[fd00::3]:8081', 'http://2001:db8:0:1:2:3:4:5:8081', 'http://storage:8081', 'https://fd00::3:8081'];
  assert.deepEqual(urls.map((url) => serviceUrl.parse(url)), [
    'http://10.1.2.3:8081', 'http://[fd00::3]:8081', 'http://[fd00::3]:8081', 'http://[2001:db8:0:1:2:3:4:5]:8081', 'http://storage:8081', 'https://[fd00::3]:8081',
  ]);
});

test('what is none is refused', () => {
  for (const text of ['', 'storage:8081', 'ftp://storage:8081', 'http://fd00::3:x', 'http://1:2:3:4:5:6:7:8:9:8081']) {
    assert.equal(serviceUrl.safeParse(text).success, false, text);
  }
});
