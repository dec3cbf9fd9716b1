import { BoundedCache } from '../base/bounded-cache.ts';
import type { RelationOperator } from './package.ts';

const tilde = 126;
const zero = 48;
const largestEpoch = 2 ** 31 - 1;

/**
 * Orders two versions as dpkg does. Never fails: a version that dpkg would refuse has some place, too. An empty version
 * is earlier than any other, as in `dpkg --compare-versions`.
 *
 * @returns negative when `a` is earlier, 0 when they are equal (`1.0` and `0:1.00-0` are), positive when `a` is later
 * @see deb-version(7); dpkg's lib/dpkg/version.c
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const one = parts.getOrMake(a, () => split(a));
  const other = parts.getOrMake(b, () => split(b));
  if (one === null || other === null) return (one === null ? 0 : 1) - (other === null ? 0 : 1);
  return (
    one.epoch - other.epoch || compareParts(one.upstream, other.upstream) || compareParts(one.revision, other.revision)
  );
}

/**
 * @returns whether `version operator wanted` holds: `satisfies('2.36-9', '>=', '2.31')` is true
 * @see deb-control(5)
 */
export function satisfies(version: string, operator: RelationOperator, wanted: string): boolean {
  const order = compareVersions(version, wanted);
  switch (operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}

/**
 * @returns whether dpkg takes this as a version without an error or a warning
 * @see deb-version(7); dpkg's lib/dpkg/parsehelp.c, `parseversion`
 */
export function isValidVersion(version: string): boolean {
  const [, epoch, rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  if (epoch === undefined ? rest.includes(':') : Number(epoch) > largestEpoch) return false;
  const hyphen = rest.lastIndexOf('-');
  const upstream = hyphen < 0 ? rest : rest.slice(0, hyphen);
  const revision = hyphen < 0 ? undefined : rest.slice(hyphen + 1);
  return /^\d[A-Za-z0-9.+~:-]*$/.test(upstream) && (revision === undefined || /^[A-Za-z0-9.+~]+$/.test(revision));
}

/**
 * @returns whether dpkg reads this as a version, be it with a warning
 * @see dpkg's lib/dpkg/parsehelp.c, `parseversion`
 */
export function isReadableVersion(version: string): boolean {
  const colon = version.indexOf(':');
  const hyphen = version.lastIndexOf('-');
  const isWhole = colon + 1 < (hyphen > colon ? hyphen : version.length) && hyphen !== version.length - 1;
  return isWhole && !/\s/.test(version) && (colon < 0 || /^\d+$/.test(version.slice(0, colon)));
}

/**
 * @returns the version without the suffix of a rebuild (`+b2`), in which architectures differ: `1.0-1+b2` is `1.0-1`
 * @see Debian Developer's Reference, binary-only uploads
 */
export function withoutRebuild(version: string): string {
  return version.replace(/\+b\d+$/, '');
}

interface VersionParts {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
}

/** A plan compares the same few thousand versions again and again. */
const parts = new BoundedCache<string, VersionParts | null>(10_000);

/** @returns null for an empty version */
function split(text: string): VersionParts | null {
  const version = text.trim();
  if (version === '') return null;
  const colon = version.indexOf(':');
  const hyphen = version.lastIndexOf('-');
  const hasRevision = hyphen > colon;
  return {
    epoch: colon < 0 ? 0 : Number.parseInt(version, 10) || 0,
    upstream: version.slice(colon + 1, hasRevision ? hyphen : undefined),
    revision: hasRevision ? version.slice(hyphen + 1) : '',
  };
}

/** Text and numbers by turns, either of which may be empty. */
function compareParts(a: string, b: string): number {
  let at = 0;
  let otherAt = 0;
  while (at < a.length || otherAt < b.length) {
    const end = textEnd(a, at);
    const otherEnd = textEnd(b, otherAt);
    for (; at < end || otherAt < otherEnd; at += 1, otherAt += 1) {
      const difference = weight(a, Math.min(at, end)) - weight(b, Math.min(otherAt, otherEnd));
      if (difference !== 0) return difference;
    }
    at = numberEnd(a, end);
    otherAt = numberEnd(b, otherEnd);
    const difference = compareNumbers(a.slice(end, at), b.slice(otherEnd, otherAt));
    if (difference !== 0) return difference;
  }
  return 0;
}

/** By value, whatever their length: dates and hashes exceed what a number can hold. */
function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length < 16 && b.length < 16) return Number(a) - Number(b);
  const one = a.replace(/^0+/, '');
  const other = b.replace(/^0+/, '');
  if (one.length !== other.length) return one.length - other.length;
  return order(one, other);
}

function textEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

function numberEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

/** `~` before the end of the text, its end before letters, letters before all else. */
function weight(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (at >= text.length || isDigit(code)) return 0;
  if (code === tilde) return -1;
  return isLetter(code) ? code : code + 256;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= zero + 9;
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}
