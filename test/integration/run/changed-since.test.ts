import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { State } from '../../../src/state/state.ts';
import { dpkg, inRoot, installEmpty, rebuild } from '../../support/roots/rebuilt-package.ts';
import { defaultExclusions, diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { type FrozenRoot, freshRoot, snapshot } from '../../support/roots/roots.ts';
import {
  crossgrade,
  crossgradeAsText,
  type Ending,
  kill,
  prepare,
  startCrossgrade,
  tail,
  untilQuiet,
  withRoot,
} from '../../support/runs/faults.ts';
import { holdLock } from '../../support/runs/hold-lock.ts';

/** Small, and with a library that nothing vital needs. */
const origin = { suite: 'bookworm', packages: ['libpopt0'] };
const frontendLock = '/var/lib/dpkg/lock-frontend';

let prepared: FrozenRoot;
let withLibraries: FrozenRoot;

beforeAll(async () => {
  prepared = await prepare(origin);
  withLibraries = await withRootKept(prepared, (directory) => wellDone(directory, 'resume', '--until', 'libraries'));
});
afterAll(async () => {
  await withLibraries?.dispose();
  await prepared?.dispose();
});

describe('what somebody changes after the preparations', () => {
  test('a newer library is named, nothing is changed, and a rollback gives back the rest', () =>
    withRoot(prepared, async ({ directory }) => {
      // Vital: what a plan makes of it is no matter here.
      const old = dpkg(directory, 'libattr1:i386').version;
      upgrade(directory, 'libattr1:i386', `${old}+local1`);
      const before = readRootState(directory, defaultExclusions);
      const { code, text } = await crossgradeAsText(directory, 'resume');
      expect(text).toContain('CG0251');
      expect(text).toContain(`libattr1:i386 was upgraded from ${old} to ${old}+local1`);
      expect(code).toBe(3);
      expect(changedPackageFiles(before, directory)).toEqual([]);
      expect(await status(directory)).toMatchObject({ pastPointOfNoReturn: false });
      await expectTakenBack(directory, (fresh) => upgrade(fresh, 'libattr1:i386', `${old}+local1`));
    }));

  test('each kind of change is named', () =>
    withRoot(prepared, async ({ directory }) => {
      const sources = sourceFile(directory);
      const plain = readFileSync(join(directory, sources), 'utf8');
      writeFileSync(join(directory, sources), `# a remark, which apt does not read\n${plain}`);
      expect((await crossgrade(directory, 'resume', '--until', 'prepare')).code).toBe(0);
      appendFileSync(join(directory, sources), '\ndeb [trusted=yes] http://mirror.example/more ./\n');
      writeFileSync(join(directory, 'etc/apt/sources.list.d/new.list'), 'deb http://mirror.example/debian x main\n');
      inRootWell(directory, 'apt-mark', 'hold', 'libpopt0');
      inRootWell(directory, 'dpkg', '--add-architecture', 'armhf');
      upgrade(directory, 'libacl1:i386', '1.0');
      inRootWell(directory, 'dpkg', '--force-depends', '--purge', 'mawk');
      install(directory, 'crossgrade-test-new', 'i386', '1.0');
      const { code, text } = await crossgradeAsText(directory, 'resume', '--until', 'libraries');
      expect(code, text).toBe(3);
      for (const words of [
        'crossgrade-test-new:i386 1.0 was installed',
        /libacl1:i386 was downgraded from \S+ to 1\.0/,
        'libpopt0:i386 was put on hold',
        /mawk:i386 \S+ was removed/,
        'the architecture armhf was added',
        `${sources} was changed`,
        '/etc/apt/sources.list.d/new.list was added',
      ]) {
        expect(text.replaceAll(/\s+/g, ' ')).toMatch(words);
      }
    }));

  test('with --yes another plan is made, and gone on with; with the old libraries beside it, too', () =>
    withRoot(withLibraries, async ({ directory }) => {
      const old = dpkg(directory, 'libpopt0:i386').version;
      // Its other build is there: dpkg unpacks it, and cannot configure it.
      const archive = rebuild(directory, 'libpopt0:i386', '2.0+local1');
      expect(inRoot(directory, 'dpkg', '--install', archive).code).toBe(1);
      install(directory, 'crossgrade-test-new', 'all', '1.0');
      inRootWell(directory, 'apt-mark', 'hold', 'tar');
      const resume = ['resume', '--yes', '--until', 'libraries'];
      const undecided = await crossgradeAsText(directory, ...resume);
      expect([undecided.code, undecided.text]).toEqual([3, expect.stringContaining('"downgrade":"stop"')]);
      const answers = join(directory, 'tmp/answers.json');
      writeFileSync(answers, '{"downgrade":"downgrade"}');
      const { code, text } = await crossgradeAsText(directory, ...resume, '--answers', answers);
      rmSync(answers);
      expect(code, text).toBe(0);
      expect(text).toContain(`libpopt0:i386 was upgraded from ${old} to 2.0+local1`);
      expect(text).toContain('crossgrade-test-new:all 1.0 was installed');
      expect(text).toContain('crossgrade-test-new:all 1.0 will be there as well');
      expect(dpkg(directory, 'libpopt0:i386')).toEqual({ version: old, state: 'install ok installed' });
      expect(dpkg(directory, 'libacl1:amd64').state).toBe('install ok installed');
      // What was planned anew is no change any more.
      await wellDone(directory, 'resume', '--until', 'libraries');
      const before = JSON.parse(readFileSync(join(directory, 'var/lib/crossgrade/before/before.json'), 'utf8'));
      expect(before.holds).toEqual(['tar:i386']);
      expect(before.packages).toMatchObject({ 'crossgrade-test-new:all': '1.0', 'libpopt0:i386': '2.0+local1' });
      expect(before.packages).not.toHaveProperty('libacl1:amd64');
      await expectTakenBack(directory, (fresh) => {
        upgrade(fresh, 'libpopt0:i386', '2.0+local1');
        install(fresh, 'crossgrade-test-new', 'all', '1.0');
        inRootWell(fresh, 'apt-mark', 'hold', 'tar');
      });
    }));

  test('a package of the new architecture on top is named before anything is taken back', () =>
    withRoot(withLibraries, async ({ directory }) => {
      install(directory, 'crossgrade-test-new', 'amd64', '1.0', 'Depends: libacl1\n');
      const refused = await crossgradeAsText(directory, 'rollback', '--yes');
      expect([refused.code, refused.text]).toEqual([3, expect.stringContaining('CG0263')]);
      expect(refused.text.replaceAll(/\s+/g, ' ')).toContain(
        `chroot ${directory} dpkg --purge crossgrade-test-new:amd64`,
      );
      expect(dpkg(directory, 'libacl1:amd64').state).toBe('install ok installed');
      inRootWell(directory, 'dpkg', '--purge', 'crossgrade-test-new:amd64');
      await wellDone(directory, 'rollback', '--yes');
    }));
});

describe('the point of no return', () => {
  test('is not passed by a call that never came to dpkg', () =>
    withRoot(withLibraries, async ({ directory }) => {
      const archives = join(directory, 'var/cache/crossgrade/archives');
      const file = readdirSync(archives).find((name) => name.startsWith('dash_'));
      writeFileSync(join(archives, file ?? ''), 'damaged', { flag: 'r+' });
      const failed = await crossgrade(directory, 'resume');
      expect(failed.text + JSON.stringify(failed.events)).toContain('CG0220');
      expect(await status(directory)).toMatchObject({ pastPointOfNoReturn: false });
      await expectTakenBack(directory);
    }));

  test('is written down before the first call that replaces something, and holds when that one is killed', () =>
    withRoot(withLibraries, async ({ directory }) => {
      const working = startCrossgrade(directory, ['resume']);
      await working.until((event) => event.type === 'batch-started' && event.wave === 'core');
      await working.until((event) => event.type === 'step-progress' && event.step === 'switch/replace-core');
      expect(await kill(working, directory, 'everything')).toBe(true);
      await untilQuiet(directory);
      expect(stateOf(directory).milestones).toHaveProperty('point-of-no-return');
      expect(await status(directory)).toMatchObject({ pastPointOfNoReturn: true });
      const refused = await crossgradeAsText(directory, 'rollback', '--yes');
      expect([refused.code, refused.text]).toEqual([1, expect.stringContaining('CG0260')]);
      // A state of a crossgrade that did not write it down.
      asOlder(directory);
      expect(await status(directory)).toMatchObject({ pastPointOfNoReturn: true });
      expect((await crossgradeAsText(directory, 'rollback', '--yes')).text).toContain('CG0265');
    }));

  test('of a state of an older crossgrade is judged by architectures, not by versions', () =>
    withRoot(withLibraries, async ({ directory }) => {
      asOlder(directory);
      const archive = rebuild(directory, 'libpopt0:i386', '2.0+local1');
      expect(inRoot(directory, 'dpkg', '--install', archive).code).toBe(1);
      expect(await status(directory)).toMatchObject({ pastPointOfNoReturn: false });
      await wellDone(directory, 'rollback', '--yes');
      expect(dpkg(directory, 'libpopt0:i386').state).toBe('install ok installed');
    }));
});

describe('dpkg’s frontend lock', () => {
  test('is held while a run works, by a name, and by the dpkg that outlives it', () =>
    withRoot(prepared, async ({ directory }) => {
      const working = startCrossgrade(directory, ['resume']);
      await working.until((event) => event.type === 'batch-started' && event.batch === 'libraries-1');
      const apt = inRoot(directory, 'apt-get', '-y', 'remove', 'libpopt0');
      expect(apt.text).toMatch(
        /Could not get lock \/var\/lib\/dpkg\/lock-frontend\. It is held by process \d+ \(crossgrade\)/,
      );
      const pid = Number(/process (\d+)/.exec(apt.text)?.[1]);
      expect(inRoot(directory, 'dpkg', '--configure', '-a').text).toContain(
        `frontend lock was locked by another process with pid ${pid}`,
      );
      await working.until((event) => event.type === 'step-progress' && event.progress.activity === 'unpack');
      expect(await kill(working, directory, 'process')).toBe(true);
      expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('crossgrade\n');
      expect(inRoot(directory, 'dpkg', '--configure', '-a').code).toBe(2);
      await untilQuiet(directory);
      await untilGone(pid);
      expect(inRoot(directory, 'dpkg', '--audit').code).toBe(0);
      // A resume gets it again.
      await wellDone(directory, 'resume', '--until', 'libraries');
      expect(inRoot(directory, 'dpkg', '--configure', '-a')).toMatchObject({ code: 0 });
    }));

  test('of somebody else ends a run before it changes anything, and names who has it', () =>
    withRoot(prepared, async ({ directory }) => {
      const letGo = await holdLock(join(directory, frontendLock));
      try {
        const before = readRootState(directory, defaultExclusions);
        for (const words of [
          ['resume', '--until', 'libraries'],
          ['rollback', '--yes'],
        ]) {
          const { code, text } = await crossgradeAsText(directory, ...words);
          expect([code, text]).toEqual([5, expect.stringContaining('CG0261')]);
          expect(text).toMatch(/lock-frontend\s+is held by perl \(process \d+\)/);
        }
        expect(changedPackageFiles(before, directory)).toEqual([]);
        expect(stateOf(directory).milestones).not.toHaveProperty('rollback');
      } finally {
        await letGo();
      }
      await wellDone(directory, 'rollback', '--yes');
    }));
});

async function withRootKept(from: FrozenRoot, work: (directory: string) => Promise<void>): Promise<FrozenRoot> {
  const root = await freshRoot(from);
  await work(root.directory);
  return snapshot(root);
}

async function wellDone(directory: string, ...words: readonly string[]): Promise<void> {
  const ending: Ending = await crossgradeAsText(directory, ...words);
  expect(ending.code, tail(ending)).toBe(0);
}

async function status(directory: string): Promise<unknown> {
  return JSON.parse((await crossgradeAsText(directory, 'status', '--json')).text);
}

function stateOf(directory: string): State {
  return JSON.parse(readFileSync(join(directory, 'var/lib/crossgrade/state.json'), 'utf8')) as State;
}

/** As a crossgrade of before has left it. */
function asOlder(directory: string): void {
  const { milestones, ...state } = stateOf(directory);
  const { 'point-of-no-return': _, ...others } = milestones;
  const older = { ...state, version: 1, milestones: others };
  writeFileSync(join(directory, 'var/lib/crossgrade/state.json'), JSON.stringify(older));
}

function inRootWell(directory: string, ...argv: readonly string[]): void {
  expect(inRoot(directory, ...argv)).toMatchObject({ code: 0 });
}

function upgrade(directory: string, key: string, version: string): void {
  inRootWell(directory, 'dpkg', '--install', rebuild(directory, key, version));
}

function install(...given: Parameters<typeof installEmpty>): void {
  expect(installEmpty(...given)).toMatchObject({ code: 0 });
}

function sourceFile(directory: string): `/${string}` {
  return existsSync(join(directory, 'etc/apt/sources.list'))
    ? '/etc/apt/sources.list'
    : '/etc/apt/sources.list.d/debian.sources';
}

/** Only crossgrade's own folder may have been written to. */
function changedPackageFiles(before: ReturnType<typeof readRootState>, directory: string): unknown[] {
  const differences = diffRootStates(before, readRootState(directory, defaultExclusions));
  return differences.filter((one) => !JSON.stringify(one).includes('/var/lib/crossgrade/'));
}

const written = [/^\/var\/lib\/dpkg\/[a-z]+-old$/, /^\/var\/tmp\//, /^\/var\/lib\/apt\/extended_states$/];

/** Rolls back; the root is as one to which only that was done which somebody else has done. */
async function expectTakenBack(directory: string, done: (directory: string) => void = () => {}): Promise<void> {
  await wellDone(directory, 'rollback', '--yes');
  await withRoot(origin, async (fresh) => {
    done(fresh.directory);
    const exclusions = [...defaultExclusions, ...written];
    const wanted = readRootState(fresh.directory, exclusions);
    expect(diffRootStates(wanted, readRootState(directory, exclusions))).toEqual([]);
  });
}

async function untilGone(pid: number): Promise<void> {
  for (let tries = 0; existsSync(`/proc/${pid}`); tries += 1) {
    expect(tries).toBeLessThan(50);
    await sleep(100);
  }
}
