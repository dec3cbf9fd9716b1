import { expect, test } from 'vitest';
import type { AvailablePackage, InstalledPackage } from '../../../src/debian/package.ts';
import type { Batch } from '../../../src/plan/plan.ts';
import { spaceNeeds } from '../../../src/plan/space.ts';
import { readHost } from '../../support/recorded/hosts.ts';
import { available, installed } from '../../support/roots/packages.ts';

const mebibyte = 1024 * 1024;
const nothing = { initramfsBytes: 0 };

function size(mib: number, fields: Record<string, string> = {}): Record<string, string> {
  return { 'Installed-Size': String(mib * 1024), ...fields };
}

function batch(operation: Batch['operation'], ...instances: Batch['instances']): Batch {
  return { id: 'rest-1', wave: 'rest', operation, instances, force: [] };
}

/** Without the margin for half-filled blocks, in MiB. */
function peak(
  batches: readonly Batch[],
  coming: readonly AvailablePackage[],
  there: readonly InstalledPackage[],
): number {
  const need = spaceNeeds(batches, coming, there, 0, nothing).find((one) => one.path === '/usr');
  return Math.round((need?.bytes ?? 0) / 1.03 / mebibyte);
}

const same = { 'Multi-Arch': 'same' };

test('a library beside its twin adds all of it, and its purge gives it back', () => {
  const there = [installed('lib:i386', size(10, same)), installed('big:i386', size(50, same))];
  const coming = [available('lib:amd64', size(12, same)), available('big:amd64', size(60, same))];
  expect(peak([batch('install', 'lib:amd64', 'big:amd64')], coming, there)).toBe(72);
  const inTurn = [batch('install', 'big:amd64'), batch('purge', 'big:i386'), batch('install', 'lib:amd64')];
  expect(peak(inTurn, coming, there)).toBe(60);
});

test('a program needs room for both builds only while it is replaced', () => {
  const there = [installed('a:i386', size(30)), installed('b:i386', size(30))];
  const coming = [available('a:amd64', size(40)), available('b:amd64', size(40))];
  // 40 at first, then 10 more than before, and 40 on top of that.
  expect(peak([batch('install', 'a:amd64', 'b:amd64')], coming, there)).toBe(50);
});

test('the worst moment can be in the middle', () => {
  const there = [installed('old:i386', size(100)), installed('lib:i386', size(5, same))];
  const coming = [available('lib:amd64', size(5, same)), available('new:amd64', size(20))];
  const batches = [batch('install', 'lib:amd64', 'new:amd64'), batch('remove', 'old:i386'), batch('purge', 'lib:i386')];
  expect(peak(batches, coming, there)).toBe(25);
});

test('another version of the same build takes its place, co-installable or not', () => {
  const there = [installed('lib:amd64=1', size(10, same)), installed('x:i386', size(1))];
  const coming = [available('lib:amd64=2', size(10, same)), available('x:amd64', size(10))];
  expect(peak([batch('install', 'lib:amd64', 'x:amd64')], coming, there)).toBe(10);
});

test('what is only configured needs no room', () => {
  expect(peak([batch('configure', 'a:amd64')], [available('a:amd64', size(40))], [])).toBe(0);
});

test('the downloads lie below /var, a kernel and two builds of its initramfs in /boot', () => {
  const kernel = available('linux-image-6.1.0-50-amd64:amd64', size(0));
  const needs = spaceNeeds([], [kernel], [], 300 * mebibyte, { initramfsBytes: 40 * mebibyte });
  expect(needs).toEqual([
    { path: '/var', bytes: (300 + 4) * mebibyte },
    { path: '/boot', bytes: (2 * 40 + 20) * mebibyte },
  ]);
  expect(spaceNeeds([], [], [], 0, { initramfsBytes: 40 * mebibyte }).map((need) => need.path)).toEqual(['/var']);
});

test('package lists that come in lie below /var as well', () => {
  expect(spaceNeeds([], [], [], 0, { ...nothing, listBytes: 50 * mebibyte })).toEqual([
    { path: '/var', bytes: (50 + 4) * mebibyte },
  ]);
});

test('two copies of /etc lie below /var', () => {
  expect(spaceNeeds([], [], [], 0, { ...nothing, etcBytes: 7 * mebibyte })).toEqual([
    { path: '/var', bytes: (14 + 4) * mebibyte },
  ]);
});

test.each([
  ['bookworm-minimal', 43.2],
  ['bookworm-server', 65.2],
  ['bullseye-minimal', 51.7],
  ['trixie-minimal', 54.5],
] as const)('on the running system there is room for what a rescue would need, %s', (name, measured) => {
  const { inventory, target } = readHost(name);
  const needed = (keepsVital: boolean): number =>
    spaceNeeds([], target.packages, inventory.packages, 0, { ...nothing, keepsVital })[0]?.bytes ?? 0;
  expect(needed(false)).toBe(4 * mebibyte);
  const ratio = (needed(true) - needed(false)) / mebibyte / (2 * measured);
  expect(ratio).toBeGreaterThan(1);
  expect(ratio).toBeLessThan(1.2);
});

test('what is there when data is imported is known: everything is replaced, and nothing purged yet', () => {
  const there = [installed('lib:i386', size(10, same)), installed('a:i386', size(30))];
  const coming = [available('lib:amd64', size(12, same)), available('a:amd64', size(40))];
  const purge: Batch = { ...batch('purge', 'lib:i386'), wave: 'purge' };
  const batches = [batch('install', 'lib:amd64'), batch('install', 'a:amd64'), purge];
  const [usr] = spaceNeeds(batches, coming, there, 0, nothing);
  const inMebibytes = (bytes = 0): number => Math.round(bytes / 1.03 / mebibyte);
  expect([inMebibytes(usr?.bytes), inMebibytes(usr?.bytesAtImport)]).toEqual([52, 22]);
});
