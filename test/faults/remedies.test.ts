import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CheckReport, reportSchema } from '../../src/check/check-report-schema.ts';
import { giveTargetLists } from '../support/roots/own-lists.ts';
import { tinyPackage } from '../support/roots/tiny-package.ts';
import { inRoot } from '../support/runs/conversion.ts';
import { bundle, withRoot } from '../support/runs/faults.ts';

function check(directory: string, ...options: readonly string[]): CheckReport {
  const argv = [bundle(), 'check', '--root', directory, '--json', '-', ...options];
  try {
    return reportSchema.parse(JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8', stdio: 'pipe' })));
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (stdout === undefined) throw error;
    return reportSchema.parse(JSON.parse(stdout));
  }
}

/** Installs a package of a few bytes, whatever it depends on. */
async function install(directory: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const deb = tinyPackage({ fields: { Version: '1', ...fields }, files: { [`usr/share/${fields.Package}/file`]: '' } });
  writeFileSync(join(directory, 'tmp/tiny.deb'), deb);
  const [result] = await inRoot(directory, ['dpkg', '--install', '--force-depends', '/tmp/tiny.deb']);
  if (result?.exitCode !== 0) throw new Error(result?.stderr);
}

function inStatus(directory: string, name: string, change: (stanza: string) => string): void {
  const file = join(directory, 'var/lib/dpkg/status');
  const stanzas = readFileSync(file, 'utf8').split('\n\n');
  writeFileSync(file, stanzas.map((one) => (one.startsWith(`Package: ${name}\n`) ? change(one) : one)).join('\n\n'));
}

interface Trouble {
  readonly id: string;
  readonly what: string;
  readonly spoil: (directory: string) => Promise<void> | void;
  /** What is found besides, for a reason of its own. */
  readonly also?: readonly string[];
  /** Package lists are fetched: the finding speaks of these. */
  readonly online?: true;
}

const troubles: readonly Trouble[] = [
  {
    id: 'packages/unfinished',
    what: 'a package that is half-configured',
    spoil: (directory) =>
      inStatus(directory, 'mount', (one) => one.replace('install ok installed', 'install ok half-configured')),
  },
  {
    id: 'packages/unfinished',
    what: 'a package that is unpacked',
    spoil: (directory) => inStatus(directory, 'hostname', (one) => one.replace('ok installed', 'ok unpacked')),
  },
  {
    id: 'packages/unfinished',
    what: 'triggers that were put off',
    spoil: (directory) =>
      inStatus(directory, 'libc-bin', (one) =>
        one.replace('ok installed', 'ok triggers-pending').concat('\nTriggers-Pending: ldconfig'),
      ),
  },
  {
    id: 'packages/unmet-dependencies',
    what: 'a package without what it depends on',
    also: ['packages/no-counterpart'],
    spoil: (directory) => install(directory, { Package: 'lonely', Architecture: 'i386', Depends: 'nowhere' }),
  },
  {
    id: 'packages/repository-fails',
    what: 'a source on a disk that is gone',
    online: true,
    spoil: (directory) => {
      mkdirSync(join(directory, 'etc/apt/sources.list.d'), { recursive: true });
      writeFileSync(join(directory, 'etc/apt/sources.list.d/gone.list'), 'deb file:/gone bookworm main\n');
    },
  },
];

describe('the commands of a finding, typed in the root that has the problem, take it away:', () => {
  test.each(troubles)('$id, $what', ({ id, spoil, online, also = [] }) =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      if (!online) giveTargetLists(directory);
      const options = online ? [] : ['--offline'];
      await spoil(directory);
      // The administrator says yes to what apt asks.
      appendFileSync(join(directory, 'etc/apt/apt.conf.d/90yes'), 'APT::Get::Assume-Yes "true";\n');
      const found = check(directory, ...options).findings.filter((one) => one.severity === 'blocker');
      const mine = found.find((one) => one.id === id);
      // One that is in no repository is a matter of its own.
      expect(found.map((one) => one.id).filter((one) => one !== id)).toEqual(also);

      const commands = (mine?.remedies ?? []).flatMap((one) => ('command' in one ? [one.command] : []));
      expect(commands).not.toEqual([]);
      const typed = commands.map((command) => ['sh', '-c', command.replace(`chroot ${directory} `, '')]);
      const said = await inRoot(directory, ...typed);

      const left = check(directory, ...options).findings.map((one) => one.id);
      expect(left, said.map(({ stdout, stderr }) => stdout + stderr).join('\n')).not.toContain(id);
      // Each of them runs, in whatever order they help.
      expect(said.map(({ exitCode }) => exitCode).filter((code) => code === 126 || code === 127)).toEqual([]);
    }),
  );
});
