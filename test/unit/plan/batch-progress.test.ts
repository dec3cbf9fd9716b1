import { expect, test } from 'vitest';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import { openCount, openWork } from '../../../src/plan/batch-progress.ts';
import type { Batch, Plan } from '../../../src/plan/plan.ts';
import { World } from '../../support/recorded/world.ts';
import { installed } from '../../support/roots/packages.ts';

const { plan: anyPlan } = new World('bookworm-minimal').context;
const plan: Plan = {
  ...anyPlan,
  archives: ['a', 'b'].map((name) => ({
    key: `${name}:amd64`,
    version: '2',
    fileName: `${name}.deb`,
    bytes: 1,
    sha256: '',
    uri: '',
  })),
};

function open(operation: Batch['operation'], ...packages: InstalledPackage[]) {
  const batch: Batch = { id: 'rest-1', wave: 'rest', operation, instances: ['a:amd64', 'b:amd64'], force: [] };
  const work = openWork(batch, plan, packages);
  const { toUnpack, toConfigure, toRemove } = work;
  expect(openCount(work)).toBe(toUnpack.length + toConfigure.length + toRemove.length);
  return { unpack: toUnpack.map((one) => one.key), configure: toConfigure, remove: toRemove };
}

const b = installed('b:amd64=2');
const state = (words: string) => installed('a:amd64=2', { Status: words });

test('what is not there, or of another version or architecture, is to be unpacked', () => {
  const todo = { unpack: ['a:amd64'], configure: [], remove: [] };
  expect(open('install', b)).toEqual(todo);
  expect(open('install', b, installed('a:amd64=1'))).toEqual(todo);
  expect(open('install', b, installed('a:i386=2'))).toEqual(todo);
  expect(open('unpack', b, state('deinstall ok config-files'))).toEqual(todo);
});

test('what a killed dpkg left half-installed is to be unpacked again', () => {
  const todo = { unpack: ['a:amd64'], configure: [], remove: [] };
  expect(open('install', b, state('install reinstreq half-installed'))).toEqual(todo);
  expect(open('install', b, state('install ok half-installed'))).toEqual(todo);
  expect(open('install', b, state('install reinstreq unpacked'))).toEqual(todo);
});

test('what is unpacked is to be configured, but not by a batch that only unpacks', () => {
  for (const words of ['install ok unpacked', 'install ok half-configured']) {
    expect(open('install', b, state(words))).toEqual({ unpack: [], configure: ['a:amd64'], remove: [] });
    expect(open('configure', b, state(words))).toEqual({ unpack: [], configure: ['a:amd64'], remove: [] });
    expect(open('unpack', b, state(words))).toEqual({ unpack: [], configure: [], remove: [] });
  }
});

test('what waits for triggers is done', () => {
  expect(open('install', b, state('install ok triggers-pending'))).toEqual({ unpack: [], configure: [], remove: [] });
});

test('a removal is done when only configuration is left, a purge when nothing is', () => {
  const left = state('deinstall ok config-files');
  expect(open('remove', b, left).remove).toEqual(['b:amd64']);
  expect(open('purge', b, left).remove).toEqual(['a:amd64', 'b:amd64']);
  expect(open('purge').remove).toEqual([]);
});
