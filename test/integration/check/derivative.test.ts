import { expect, test } from 'vitest';
import type { Answers } from '../../../src/base/finding.ts';
import { assess } from '../../../src/check/system/assess.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { checks } from '../../../steps/check/index.ts';
import { becomeAcme, becomeMint } from '../../support/roots/acme.ts';
import { withRoot } from '../../support/runs/faults.ts';

async function report(directory: string, answers: Answers = {}) {
  const opened = await openRoot(directory, { access: 'read' });
  try {
    return await assess(realMachine(opened), 'amd64', checks, answers, () => () => undefined, { forReport: true });
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
