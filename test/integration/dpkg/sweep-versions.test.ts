import { describe, expect, test } from 'vitest';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { vitalPackages } from '../../../src/plan/vital.ts';
import { randomNumbers } from '../../support/dpkg/universe.ts';
import { i386ToAmd64, type RecordedHost, readHost } from '../../support/recorded/hosts.ts';
import { type SkewedHost, skew, skewableSources } from '../../support/roots/skew.ts';

/** Recorded hosts on which nothing but what the test skews has another version than its target. */
const hosts = [
  'bookworm-minimal',
  'bookworm-server',
  'bookworm-services',
  'trixie-minimal',
  'bullseye-minimal',
] as const;

/** `ready`; `blocked`, by a sentence that a check makes of it; else what is wrong with it. */
function judge(host: RecordedHost, { packages, builds }: SkewedHost, isOffered: boolean): string {
  const inventory = { ...host.inventory, packages };
  const nothing = Object.fromEntries(Object.keys(builds).map((name) => [name, []]));
  const target = { ...host.target, sourceOffers: isOffered ? builds : nothing };
  const { problems, stuck } = makePlan({
    pair: i386ToAmd64,
    inventory,
    target,
    residualConfig: 'purge',
    differingFiles: null,
    initramfsBytes: 0,
  });
  const vital = vitalPackages(inventory, target);
  if (stuck.some(({ drift }) => vital.has(drift.installed.name))) return 'blocked';
  if (problems.length > 0) return problems[0]?.text ?? '';
  return 'ready';
}

describe.each(hosts)('versions that differ on %s', (name) => {
  const host = readHost(name);
  const sources = skewableSources(host);

  test.each(['source', 'library'] as const)('one %s at a time is levelled where the repositories have it', (which) => {
    const ends = sources.map((source) => [source, judge(host, skew(host, [source], which, '+local1'), true)]);
    expect(ends.filter(([, end]) => end !== 'ready')).toEqual([]);
  });

  test('one at a time that no repository has is a blocker where it is vital, and has a safe order where it is not', () => {
    const ends = sources.map((source) => [source, judge(host, skew(host, [source], 'source', '+local1'), false)]);
    // What stays needs python3, which can come only when its libraries have gone: dpkg would refuse, and that is told.
    const refused =
      name === 'bookworm-services' ? [['python3.11', 'python3-dnspython:all depends on python3:any']] : [];
    expect(ends.filter(([, end]) => end !== 'ready' && end !== 'blocked')).toEqual(refused);
    expect(ends.some(([, end]) => end === 'blocked')).toBe(true);
  });

  test('40 random pairs are levelled', () => {
    const roll = randomNumbers(hosts.indexOf(name) + 1);
    const pick = (): string => sources[Math.floor(roll() * sources.length)] ?? '';
    const pairs = Array.from({ length: 40 }, () => [pick(), pick()]);
    const ends = pairs.map((pair) => [pair, judge(host, skew(host, pair, 'source', '~local1'), true)]);
    expect(ends.filter(([, end]) => end !== 'ready')).toEqual([]);
  });
});
