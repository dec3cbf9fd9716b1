import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assess } from '../../../src/check/system/assess.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { checks } from '../../../steps/check/index.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { inRoot } from '../../support/runs/conversion.ts';

/** On the target, `cpp-14-i686-linux-gnu` is a cross compiler, of a higher version. */
let root: FreshRoot;

beforeAll(async () => {
  root = await freshRoot({ suite: 'trixie', packages: ['gcc'] });
  await inRoot(root.directory, ['apt-get', '-qq', 'update']);
});

afterAll(() => root.dispose());

async function report() {
  const opened = await openRoot(root.directory, { access: 'read' });
  try {
    return await assess(realMachine(opened), 'amd64', checks, {}, () => () => undefined, { forReport: true });
  } finally {
    await opened.close();
  }
}

test('compilers that carry the triplet in their names are replaced by those of the target, and nothing is pending', async () => {
  const { findings, solved } = await report();
  expect(findings.filter(({ severity }) => severity === 'blocker')).toEqual([]);
  expect(solved?.plan.renamed).toMatchObject({
    'cpp-14-i686-linux-gnu': 'cpp-14-x86-64-linux-gnu',
    'gcc-14-i686-linux-gnu': 'gcc-14-x86-64-linux-gnu',
  });
});

test('an upgrade that the root’s own apt has is pending, and one that a pin forbids is not', async () => {
  const status = join(root.directory, 'var/lib/dpkg/status');
  const before = readFileSync(status, 'utf8');
  const older = (name: string, text: string) =>
    text.replace(new RegExp(`^(Package: ${name}\n(?:\\S.*\n| .*\n)*?Version: ).*`, 'm'), '$10.1-1');
  writeFileSync(status, older('mawk', older('sed', before)));
  writeFileSync(join(root.directory, 'etc/apt/preferences.d/old'), 'Package: mawk\nPin: release *\nPin-Priority: -1\n');
  const { solved, findings } = await report();
  expect(findings.find(({ id }) => id === 'packages/pending-upgrades')?.affected).toEqual(['sed']);
  expect(solved?.pendingUpgrades).toEqual(['sed']);
});
