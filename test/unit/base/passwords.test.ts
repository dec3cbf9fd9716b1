import { expect, test } from 'vitest';
import { CrossgradeError } from '../../../src/base/error.ts';
import { authFile, loginIn, redacted, withoutLogin, withoutPasswords } from '../../../src/base/passwords.ts';

test.each([
  ['http://reader:s3cret@mirror.example/debian', 'http://reader:***@mirror.example/debian'],
  ['https://t0ken@mirror.example', 'https://***@mirror.example'],
  ['https://t0ken:@mirror.example/', 'https://***@mirror.example/'],
  ['http://:s3cret@mirror.example/', 'http://***@mirror.example/'],
  ['tor+http://reader:p@ss:w@mirror.example/a@b', 'tor+http://reader:***@mirror.example/a@b'],
  [
    'Acquire::http::Proxy "http://wall:s3cret@10.0.0.1:3128/";',
    'Acquire::http::Proxy "http://wall:***@10.0.0.1:3128/";',
  ],
  ['E: http://a:b@one.example and http://c:d@two.example', 'E: http://a:***@one.example and http://c:***@two.example'],
])('a password is not shown: %s', (text, shown) => {
  expect(withoutPasswords(text)).toBe(shown);
});

test.each([
  'http://mirror.example/debian',
  'http://mirror.example/~user@host/x',
  'user@host: see https://mirror.example/a',
  'mailto:nobody@example.org',
  'cdrom:[Debian 12]/',
])('what is no login stays: %s', (text) => {
  expect(withoutPasswords(text)).toBe(text);
  expect(withoutLogin(text)).toBe(text);
  expect(loginIn(text)).toBeUndefined();
});

test('every text of a value is without passwords, and the rest is the same', () => {
  const value = { 'http://a:b@c': ['x', { y: 'http://a:b@c', n: 1, z: null, o: undefined }], when: new Date(0) };
  expect(redacted(value)).toEqual({
    'http://a:***@c': ['x', { y: 'http://a:***@c', n: 1, z: null, o: undefined }],
    when: new Date(0),
  });
});

test('no failure tells a password', () => {
  const address = 'http://reader:s3cret@mirror.example/';
  const error = new CrossgradeError(`no ${address}`, { code: 'CG0480', hint: `try ${address}`, details: [address] });
  expect(`${error.message}${error.hint}${error.details}`).not.toContain('s3cret');
});

test('a login is read as apt reads it', () => {
  expect(loginIn('http://re%20ader:p%40s%3As@mirror.example:8080/a/b')).toEqual({
    site: 'http://mirror.example:8080',
    path: '/a/b',
    user: 're ader',
    password: 'p@s:s',
  });
  expect(loginIn('https://t%zzken@mirror.example')).toMatchObject({ path: '/', user: 't%zzken', password: '' });
});

test('logins are written for their own folders, the longest path first', () => {
  const logins = ['http://a:b@m.example', 'http://c@m.example/x+y', 'http://:d@m.example/x/'].map(loginIn);
  expect(authFile(logins.flatMap((one) => one ?? []))).toBe(
    'machine http://m.example/x+y/ login c\n' +
      'machine http://m.example/x%2by/ login c\n' +
      'machine http://m.example/x/ password d\n' +
      'machine http://m.example/ login a password b\n',
  );
});

test.each(['a b', 'a\tb', 'a\nmachine evil.example'])('a password such as %j cannot be written', (password) => {
  expect(authFile([{ site: 'http://m.example', path: '/', user: 'a', password }])).toBeUndefined();
});

test('a line of any length is looked through at once', () => {
  const long = `${'a+b.c-'.repeat(100_000)} ${'http://'.repeat(50_000)}`;
  const begun = performance.now();
  expect(withoutPasswords(long)).toBe(long);
  expect(performance.now() - begun).toBeLessThan(5000);
});
