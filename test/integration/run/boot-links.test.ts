import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beforeRecordFile, etcCopy } from '../../../src/base/own-paths.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import type { StepContext } from '../../../src/run/step.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';
import type { BootLink } from '../../../src/services/boot-links.ts';
import { restoreBootLinks } from '../../../steps/finish/restore-boot-links.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';

const timers = '/etc/systemd/system/timers.target.wants';
let root: FreshRoot;

const at = (path: string) => join(root.directory, path);
const inside = (...argv: string[]) =>
  execFileSync('chroot', [root.directory, 'env', 'DPKG_MAINTSCRIPT_PACKAGE=x', '_DEB_SYSTEMD_HELPER_PURGE=1', ...argv]);

/** As the record of before does it. */
function record(): void {
  mkdirSync(at(beforeRecordFile.slice(0, beforeRecordFile.lastIndexOf('/'))), { recursive: true });
  execFileSync('cp', ['--archive', at('/etc'), at(etcCopy)]);
  writeFileSync(at(beforeRecordFile), JSON.stringify({ recordedAt: new Date().toISOString() }));
}

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal');
});

afterEach(() => root.dispose());

async function look<Value>(work: (changed: readonly BootLink[], machine: ReturnType<typeof realMachine>) => Value) {
  const opened = await openRoot(root.directory, { access: 'write' });
  try {
    const machine = realMachine(opened);
    const facts = await readFacts(machine, { replaced: new Date().toISOString() });
    return await work(facts.changedBootLinks ?? [], machine);
  } finally {
    await opened.close();
  }
}

const paths = () => look((changed) => changed.map(({ path }) => path));

test('what somebody switches on or off while a run waits stays so; what a package’s script does is taken back', async () => {
  rmSync(at(`${timers}/fstrim.timer`));
  record();
  rmSync(at(`${timers}/dpkg-db-backup.timer`));
  symlinkSync('/lib/systemd/system/fstrim.timer', at(`${timers}/fstrim.timer`));
  expect(await paths()).toEqual([]);
  inside('deb-systemd-helper', 'purge', 'apt-daily.timer');
  expect(existsSync(at(`${timers}/apt-daily.timer`))).toBe(false);
  inside('deb-systemd-helper', 'purge', 'fstrim.timer');
  inside('deb-systemd-helper', 'enable', 'fstrim.timer');
  expect(readlinkSync(at(`${timers}/fstrim.timer`))).toContain('fstrim.timer');
  expect(await paths()).toEqual([`${timers}/apt-daily.timer`, `${timers}/fstrim.timer`]);
});

test('a link is made again where its folder went with it, and not where somebody has put something else', async () => {
  const own = '/etc/systemd/system/own.service';
  symlinkSync('/dev/null', at(own));
  const folder = '/etc/systemd/system/multi-user.target.wants';
  record();
  rmSync(at(own));
  writeFileSync(at(own), '[Service]\nExecStart=/bin/true\n');
  inside('deb-systemd-helper', 'purge', 'e2scrub_reap.service');
  expect(existsSync(at(folder))).toBe(false);
  await look(async (changedBootLinks, machine) => {
    const wanted = changedBootLinks.map(({ path }) => path);
    expect(wanted).toContain(`${folder}/e2scrub_reap.service`);
    expect(wanted).not.toContain(own);
    const context = { facts: { changedBootLinks } } as unknown as StepContext;
    for (const action of restoreBootLinks.plan(context)) {
      if (action.do !== 'command') throw new Error(action.do);
      expect((await machine.run(action.argv)).stderr).toBe('');
    }
  });
  expect(readlinkSync(at(`${folder}/e2scrub_reap.service`))).toContain('e2scrub_reap.service');
  expect(await paths()).toEqual([]);
});
