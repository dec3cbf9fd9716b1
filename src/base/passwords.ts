import { mapTexts } from './map-texts.ts';

/** User names and passwords in addresses: `http://user:password@host/`. */

/**
 * The part of an address before its host; apt takes the last `@` before the path. Quotes and blanks end an address where
 * it stands in a text. No scheme is longer, and a line may be of any length.
 */
const loginPart = /([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/"'<>`]*)@/gi;

/** @returns the address without user name and password */
export function withoutLogin(address: string): string {
  return address.replace(loginPart, '$1');
}

/**
 * @param text anything that is shown or kept: sentences, commands, output of programs
 * @returns the text, with `***` in the place of each password; of a lone name as well, which is a token
 */
export function withoutPasswords(text: string): string {
  // Nearly all texts are none of these, and a report has thousands.
  if (!text.includes('@')) return text;
  return text.replace(loginPart, (_, scheme: string, login: string) => {
    const colon = login.indexOf(':');
    const hasBoth = colon > 0 && colon < login.length - 1;
    return `${scheme}${hasBoth ? `${login.slice(0, colon)}:` : ''}***@`;
  });
}

/** @returns the same value, without passwords in any of its texts */
export function redacted<Value>(value: Value): Value {
  return mapTexts(value, withoutPasswords);
}

/** With which a server lets somebody in. */
export interface Login {
  /** `http://host:port` */
  readonly site: string;
  /** Of the address, from `/` on. */
  readonly path: string;
  readonly user: string;
  readonly password: string;
}

/** @returns undefined for an address without user name and password */
export function loginIn(address: string): Login | undefined {
  const [, scheme, login, host, path] = /^([a-z][a-z0-9+.-]*:\/\/)([^\s/]*)@([^/]*)(.*)$/i.exec(address) ?? [];
  if (scheme === undefined || login === undefined || host === undefined) return undefined;
  const [user = '', ...password] = login.split(':');
  return { site: `${scheme}${host}`, path: path || '/', user: decoded(user), password: decoded(password.join(':')) };
}

/** apt leaves a `%` that begins nothing as it is. */
function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/**
 * @param logins the first of two for the same place counts
 * @returns a file that apt reads logins from; undefined for one that cannot be written in such a file
 * @see apt_auth.conf(5)
 */
export function authFile(logins: readonly Login[]): string | undefined {
  if (logins.some(({ user, password }) => /[\s\p{Cc}]/u.test(user + password))) return undefined;
  // The longest path first: apt takes the first that fits.
  const sorted = [...logins].sort((a, b) => b.path.length - a.path.length);
  const lines = sorted.flatMap(({ site, path, user, password }) =>
    // As it stands in the address, and as apt asks for it.
    [path, path.replace(/[+~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)].map((place) =>
      [
        `machine ${site}${place.replace(/\/?$/, '/')}`,
        ...(user === '' ? [] : [`login ${user}`]),
        ...(password === '' ? [] : [`password ${password}`]),
      ].join(' '),
    ),
  );
  return [...new Set(lines)].map((line) => `${line}\n`).join('');
}
