import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Answers } from '../../../src/base/finding.ts';
import { assess } from '../../../src/check/system/assess.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { checks } from '../../../steps/check/index.ts';
import { becomeAcme, becomeMint } from '../../support/roots/acme.ts';
import { giveTargetLists } from '../../support/roots/own-lists.ts';
import { withRoot } from '../../support/runs/faults.ts';

async function report(directory: string, answers: Answers = {}, offline = false) {
  const opened = await openRoot(directory, { access: 'read' });
  try {
    const options = { forReport: true, offline };
    return await assess(realMachine(opened), 'amd64', checks, answers, () => () => undefined, options);
  } finally {
    await opened.close();
  }
}

test('Debian under another name is asked about, told whose its packages are, and blocked by nothing else', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    await becomeMint(directory);
    const asked = await report(directory);
    expect(asked.findings.filter(({ severity }) => severity === 'blocker').map(({ id }) => id)).toEqual([
      'packages/derivative',
    ]);
    expect(asked.findings.find(({ id }) => id === 'packages/derivative')?.detail).toMatch(
      /the target: \d+ from Debian\./,
    );
    expect(asked.questions.map(({ id }) => id)).toEqual(['derivative']);
    const { findings } = await report(directory, { derivative: 'go-on' });
    expect(findings.filter(({ severity }) => severity === 'blocker')).toEqual([]);
    expect(findings.find(({ id }) => id === 'packages/derivative')?.severity).toBe('warning');
  }));

test('a distribution of its own keeps its base-files, which its own repository has for the target', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    await becomeAcme(directory, ['i386', 'amd64']);
    const { findings, solved } = await report(directory, { derivative: 'go-on' });
    expect(findings.filter(({ severity }) => severity === 'blocker')).toEqual([]);
    expect(findings.find(({ id }) => id === 'packages/derivative')?.detail).toContain('1 from Acme');
    expect(solved?.target.packages.find(({ name }) => name === 'base-files')?.version).toMatch(/\+acme1$/);
  }));

test('where its own repository has none, the system does not become Debian', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    await becomeAcme(directory, ['i386']);
    const { findings, questions } = await report(directory, { derivative: 'go-on' });
    const blockers = findings.filter(({ severity }) => severity === 'blocker');
    expect(blockers.map(({ id }) => id)).toEqual(['packages/derivative-base']);
    expect(questions.map(({ id }) => id)).not.toContain('derivative');
  }));

test('what calls itself Ubuntu, and has Debian’s packages from Debian’s repositories, is judged by these', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    giveTargetLists(directory);
    const release = join(directory, 'var/lib/apt/lists/mirror.example_debian_dists_test_Release');
    writeFileSync(release, 'Origin: Debian\nSuite: test\nComponents: main\n');
    rmSync(join(directory, 'etc/os-release'));
    const text = 'PRETTY_NAME="Ubuntu 24.04"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n';
    writeFileSync(join(directory, 'etc/os-release'), text);
    const asked = await report(directory, {}, true);
    expect(asked.findings.filter(({ severity }) => severity === 'blocker')).toMatchObject([
      {
        id: 'packages/derivative',
        title: 'This is ubuntu 24.04 noble, not Debian',
        detail: expect.stringMatching(/\d+ from Debian\./),
      },
    ]);
    expect(asked.questions.map(({ id }) => id)).toEqual(['derivative']);
    const { findings } = await report(directory, { derivative: 'go-on' }, true);
    expect(findings.filter(({ severity }) => severity === 'blocker')).toEqual([]);
  }));

test('what calls itself Debian, and has most packages from elsewhere, is asked about all the same', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    giveTargetLists(directory);
    const release = join(directory, 'var/lib/apt/lists/mirror.example_debian_dists_test_Release');
    writeFileSync(release, 'Origin: Acme\nSuite: test\nComponents: main\n');
    const asked = await report(directory, {}, true);
    expect(asked.findings.filter(({ severity }) => severity === 'blocker')).toMatchObject([
      {
        id: 'packages/derivative',
        title: 'Most packages of this system are not Debian’s',
        detail: expect.stringMatching(/\d+ from Acme\./),
      },
    ]);
    expect(asked.questions.map(({ id }) => id)).toEqual(['derivative']);
    const { findings } = await report(directory, { derivative: 'go-on' }, true);
    expect(findings.filter(({ severity }) => severity === 'blocker')).toEqual([]);
  }));
