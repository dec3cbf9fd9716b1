import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/base/finding.ts';
import type { Machine } from '../../../src/base/machine.ts';
import type { Ability } from '../../../src/base/root.ts';
import type { Survey } from '../../../src/check/survey.ts';
import { findingsOf } from '../../../src/check/system/assess.ts';
import { surveyRoot } from '../../../src/check/system/survey-root.ts';
import { architecturePairs } from '../../../src/debian/architecture.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';
import { checks } from '../../../steps/check/index.ts';
import { diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { freshRoot } from '../../support/roots/roots.ts';

const [pair] = architecturePairs;
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

interface Looked {
  readonly survey: Survey;
  readonly findings: readonly Finding[];
}

/** @param change makes another machine of it */
async function lookAt(directory: string, change: (machine: Machine) => Machine = (same) => same): Promise<Looked> {
  if (!pair) throw new Error('no pair of architectures');
  const opened = await openRoot(directory, { access: 'read' });
  try {
    const machine = change(realMachine(opened));
    const facts = await readFacts(machine);
    const survey = await surveyRoot(machine, facts, pair);
    const input = { pair, root: machine.root, facts, answers: {}, aptComplaints: [], survey };
    const ours = checks.filter(({ id }) => /^(machine|session)\//.test(id));
    return { survey, findings: ours.flatMap((check) => findingsOf(check, input)) };
  } finally {
    await opened.close();
  }
}

const severities = ({ findings }: Looked) => findings.map(({ id, severity }) => [id, severity]);

/** A root in a folder, as if this computer had been started from it, by another kernel. */
function asHost(machine: Machine): Machine {
  const can = new Set<Ability>(['init', 'boot', 'network']);
  return {
    ...machine,
    root: { kind: 'host', can },
    runningKernel: async () => ({ machine: 'i686', release: '6.1.0-50-686-pae', bootId: 'boot' }),
  };
}

describe('a root in a folder', () => {
  test('is looked at, not the host; a sound one has no finding, and nothing in it changes', async () => {
    const root = await freshRoot('bookworm-minimal', { memoryBytes: 2 ** 30 });
    cleanups.push(() => root.dispose());
    const before = readRootState(root.directory, []);
    const looked = await lookAt(root.directory);
    expect(looked.findings).toEqual([]);
    expect(looked.survey.session).toBeUndefined();
    expect(looked.survey.hardware?.host).toBeUndefined();
    // The root has no getcap.
    expect(looked.survey.notLookedAt.map(({ what }) => what)).toEqual(['file capabilities']);
    expect(diffRootStates(before, readRootState(root.directory, []))).toEqual([]);
  });

  test('with many troubles, as if it were the host', async () => {
    const root = await freshRoot('bookworm-minimal', { memoryBytes: 2 ** 30 });
    cleanups.push(() => root.dispose());
    const inside = (path: string) => join(root.directory, path);
    const put = (path: string, text: string) => {
      mkdirSync(join(inside(path), '..'), { recursive: true });
      writeFileSync(inside(path), text);
    };
    put('etc/default/grub', 'GRUB_DEFAULT=0\n');
    put('etc/default/grub.d/local.cfg', 'GRUB_DEFAULT=saved\n');
    put('boot/grub/grub.cfg', 'set timeout=5\n');
    put('boot/extlinux/extlinux.conf', 'TIMEOUT 50\n');
    put('boot/vmlinuz-6.1.0-50-amd64', '');
    put('sys/firmware/efi/fw_platform_size', '32\n');
    put('sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c', '\x06\0\0\0\x01');
    put('proc/1/comm', 'runit\n');
    // Programs go on to work while /lib32 shows what is not merged.
    mkdirSync(inside('lib32'));
    put('var/lib/apt/lists/mirror.example_dists_bookworm_InRelease', '');
    utimesSync(inside('var/lib/apt/lists/mirror.example_dists_bookworm_InRelease'), 0, Date.now() / 1000 + 7200);
    // A link that leads to itself can be no file of anybody's.
    symlinkSync('meminfo', inside('proc/meminfo'));

    const looked = await lookAt(root.directory, asHost);
    expect(severities(looked)).toEqual([
      ['machine/no-kernel-package', 'blocker'],
      ['machine/grub-default', 'warning'],
      ['machine/firmware-bits', 'warning'],
      ['machine/secure-boot', 'warning'],
      ['machine/usr-not-merged', 'warning'],
      ['machine/init-system', 'note'],
      ['machine/clock', 'blocker'],
    ]);
    expect(looked.survey.hardware?.host?.boot.loaders).toEqual(['grub', 'extlinux']);
    expect(looked.survey.notLookedAt.map(({ what }) => what)).toEqual(['memory and swap', 'file capabilities']);
  });
});

test('what was made immutable is found, where dpkg would write, and the commands make it changeable', async ({
  skip,
}) => {
  const root = await freshRoot('bookworm-minimal');
  cleanups.push(() => root.dispose());
  const change = (attributes: string, paths: readonly string[]) =>
    execa('chattr', [attributes, ...paths.map((path) => join(root.directory, path))], { reject: false });
  writeFileSync(join(root.directory, 'usr/bin/a b'), '');
  writeFileSync(join(root.directory, 'etc/resolv.conf'), '');
  const immutable = ['/etc/passwd', '/etc/resolv.conf', '/usr/bin', '/usr/bin/a b', '/usr/sbin/chroot'];
  cleanups.push(async () => {
    await change('-ia', [...immutable, '/etc/cron.daily']);
  });
  const changed = [await change('+i', immutable), await change('+a', ['/etc/cron.daily'])];
  if (changed.some(({ exitCode }) => exitCode !== 0)) return skip('This filesystem has no attributes');

  const { findings } = await lookAt(root.directory);
  expect(findings.map(({ id, affected }) => [id, affected])).toEqual([
    ['machine/immutable', ['/etc/cron.daily', '/etc/passwd', '/usr/bin', '/usr/bin/a b', '/usr/sbin/chroot']],
  ]);
  for (const remedy of findings[0]?.remedies ?? []) {
    if ('command' in remedy) await execa('chroot', [root.directory, 'sh', '-c', remedy.command]);
  }
  expect((await lookAt(root.directory)).findings).toEqual([]);
});

describe('this computer', () => {
  test('is looked at without an error, and says what it is', async () => {
    const { survey, findings } = await lookAt('/');
    const { host, clock } = survey.hardware ?? {};
    expect(host?.memory?.total).toBeGreaterThan(2 ** 28);
    expect(host?.mounts.map(({ mountPoint }) => mountPoint)).toContain('/');
    expect(clock?.newest?.mtimeMs).toBeLessThan(Date.now());
    expect(survey.session).toBeDefined();
    for (const { id } of findings) expect(id).not.toMatch(/read-only|no-execution$|clock/);
  });

  test('at which others are at work', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'check-machine-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const apt = await startAs('apt-get', folder);
    await startAs('Xorg', folder);
    const looked = await lookAt('/');
    const found = (id: string) => looked.findings.find((one) => one.id === id)?.affected;
    expect(found('session/package-programs')).toContain(`apt-get (process ${apt})`);
    expect(found('session/desktop')).toContain('Xorg');
  });

  /** A sleeping program under another one's name; no child of ours, for what we start ourselves does not count. */
  async function startAs(name: string, folder: string): Promise<number> {
    copyFileSync('/bin/sleep', join(folder, name));
    const { stdout } = await execa('sh', ['-c', '"$0" 600 > /dev/null 2>&1 & echo $!', join(folder, name)]);
    const pid = Number(stdout);
    cleanups.push(() => {
      process.kill(pid);
    });
    return pid;
  }
});
