import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPlan } from '../../src/plan/plan.ts';
import { dpkg, inRoot, installEmpty, rebuild } from '../support/roots/rebuilt-package.ts';
import { type FrozenRoot, freshRoot, snapshot } from '../support/roots/roots.ts';
import { bundle, crossgradeAsText, prepare, tail, withRoot } from '../support/runs/faults.ts';
import { onTerminal } from '../support/screens/terminal.ts';

const origin = { suite: 'bookworm', packages: ['libpopt0'] };

let prepared: FrozenRoot;

beforeAll(async () => {
  prepared = await prepare(origin);
});
afterAll(() => prepared?.dispose());

test('what was planned anew, twice, is done, and the end is what was there when it was planned last', () =>
  withRoot(prepared, async ({ directory }) => {
    expect(installEmpty(directory, 'crossgrade-test-new', 'all', '1.0').code).toBe(0);
    expect(inRoot(directory, 'apt-mark', 'hold', 'libpopt0').code).toBe(0);
    await wellDone(directory, 'resume', '--yes', '--until', 'libraries');
    expect(installEmpty(directory, 'crossgrade-test-new', 'all', '2.0').code).toBe(0);
    const sources = join(directory, 'etc/apt/sources.list.d/empty.sources');
    writeFileSync(
      sources,
      'Enabled: no\nTypes: deb\nURIs: http://mirror.example/debian\nSuites: x\nComponents: main\n',
    );
    await wellDone(directory, 'resume', '--yes');
    await wellDone(directory, 'verify');
    expect(dpkg(directory, 'crossgrade-test-new')).toEqual({ version: '2.0', state: 'install ok installed' });
    expect(dpkg(directory, 'libpopt0').state).toBe('hold ok installed');
    const marks = inRoot(directory, 'apt-mark', 'showmanual').text.split('\n');
    expect(marks).toContain('crossgrade-test-new');
  }));

test('on a terminal it is asked before anything is taken back, and before the new plan takes the place of the old one', () =>
  withRoot(prepared, async ({ directory }) => {
    expect(installEmpty(directory, 'crossgrade-test-new', 'all', '1.0').code).toBe(0);
    const planFile = join(directory, 'var/lib/crossgrade/plan.json');
    const old = readFileSync(planFile, 'utf8');
    const resume = [process.execPath, bundle(), 'resume', '--root', directory, '--until', 'prepare'];
    const no = await onTerminal(resume, [[/Shall it be so/, 'n\r']]);
    expect(no.screen).toContain('crossgrade-test-new:all 1.0 was installed');
    expect([no.code, no.screen]).toEqual([130, expect.stringContaining('Nothing was changed.')]);
    const later = await onTerminal(resume, [
      [/Shall it be so/, '\r'],
      [/Go on with the new plan/, 'n\r'],
    ]);
    expect([later.code, later.screen]).toEqual([130, expect.stringContaining('The old plan is kept')]);
    expect(readFileSync(planFile, 'utf8')).toBe(old);
    const yes = await onTerminal(resume, [
      [/Shall it be so/, '\r'],
      [/Go on with the new plan/, '\r'],
    ]);
    expect(yes.code, yes.screen).toBe(0);
    expect(readFileSync(planFile, 'utf8')).toContain('crossgrade-test-new:all');
  }));

describe('past the point of no return', () => {
  let past: FrozenRoot;

  beforeAll(async () => {
    const root = await freshRoot(prepared);
    await wellDone(root.directory, 'resume', '--until', 'core');
    past = await snapshot(root);
  });
  afterAll(() => past?.dispose());

  test('what the plan does not know is named with the command that mends it, which then suffices', () =>
    withRoot(past, async ({ directory }) => {
      expect(installEmpty(directory, 'crossgrade-test-new', 'amd64', '1.0').code).toBe(0);
      // One that the plan has brought already, and one that it is going to replace.
      const archive = rebuild(directory, 'libxxhash0:amd64', '9.0');
      inRoot(directory, 'dpkg', '--install', archive);
      const { code, text } = await crossgradeAsText(directory, 'resume');
      expect([code, text]).toEqual([3, expect.stringContaining('CG0262')]);
      expect(text.replaceAll(/\s+/g, ' ')).toContain('libxxhash0:amd64 was upgraded from');
      const plan = JSON.parse(readFileSync(join(directory, 'var/lib/crossgrade/plan.json'), 'utf8'));
      const { fileName } = plan.archives.find(({ key }: { key: string }) => key === 'libxxhash0:amd64');
      for (const words of [
        ['dpkg', '--purge', 'crossgrade-test-new:amd64'],
        ['dpkg', '--install', `/var/cache/crossgrade/archives/${fileName}`],
      ]) {
        expect(text.replaceAll(/\s+/g, ' ')).toContain(`type \`chroot ${directory} ${words.join(' ')}\``);
        expect(inRoot(directory, ...words)).toMatchObject({ code: 0 });
      }
      await wellDone(directory, 'resume');
      await wellDone(directory, 'verify');
    }));

  test('a package of the old system that was changed is told, and gone on with', () =>
    withRoot(past, async ({ directory }) => {
      const plan = readPlan(readFileSync(join(directory, 'var/lib/crossgrade/plan.json'), 'utf8'));
      const rest = plan.batches.filter(({ wave }) => wave === 'rest').flatMap(({ instances }) => instances);
      const name = rest
        .map((key) => key.split(':')[0] ?? '')
        .find((one) => dpkg(directory, `${one}:i386`).state === 'install ok installed');
      const archive = rebuild(directory, `${name}:i386`, '99.0');
      expect(inRoot(directory, 'dpkg', '--install', archive)).toMatchObject({ code: 0 });
      const { code, text } = await crossgradeAsText(directory, 'resume');
      expect(text.replaceAll(/\s+/g, ' ')).toContain(`${name}:i386 was upgraded from`);
      expect(code, text).toBe(0);
      expect(dpkg(directory, `${name}:amd64`).version).toBe(plan.endState[`${name}:amd64`]);
    }));
});

async function wellDone(directory: string, ...words: readonly string[]): Promise<void> {
  const ending = await crossgradeAsText(directory, ...words);
  expect(ending.code, tail(ending)).toBe(0);
}
