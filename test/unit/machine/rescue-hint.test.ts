import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rescueMarker, stateFile } from '../../../src/base/own-paths.ts';
import { formatError } from '../../../src/cli/report/error-view.ts';
import { plainLook } from '../../../src/cli/screen/terminal.ts';
import { validateRoot } from '../../../src/machine/root-validation.ts';
import type { State } from '../../../src/state/state.ts';

let root: string;

const state: State = {
  tool: 'crossgrade',
  version: 1,
  runId: '1',
  sourceArchitecture: 'i386',
  targetArchitecture: 'amd64',
  startedAt: '2026-11-22T10:30:00.000Z',
  bootId: '1',
  running: null,
  finishedSteps: {},
  milestones: {},
  finishedAt: null,
};

function put(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** What somebody is told who looks at the root. */
function said(): string {
  try {
    validateRoot(root, 'read');
  } catch (error) {
    return formatError(error, { look: plainLook, columns: 80, root }).join(' ').replace(/\s+/g, ' ');
  }
  return 'valid';
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crossgrade-rescue-hint-'));
  for (const folder of ['dev', 'proc', 'tmp', 'usr/sbin', 'usr/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  put('/etc/debian_version', '12.9\n');
  put('/var/lib/dpkg/status');
  put(stateFile, JSON.stringify(state));
  put(rescueMarker);
});

afterEach(() => rmSync(root, { recursive: true }));

test('a root that lost dpkg in the middle of a crossgrade is to be rescued', () => {
  expect(said()).toMatch(/CG0324 .* lacks programs .* no \/usr\/bin\/dpkg .* type crossgrade rescue --root/);
  put('/usr/bin/dpkg');
  expect(said()).toBe('valid');
});

test.each<[string, () => void]>([
  ['that is finished', () => put(stateFile, JSON.stringify({ ...state, finishedAt: state.startedAt }))],
  ['whose state nobody can read', () => put(stateFile, '{')],
  ['that has saved no programs', () => rmSync(join(root, rescueMarker))],
  ['that has no list of packages any more', () => rmSync(join(root, '/var/lib/dpkg/status'))],
])('a crossgrade %s is no help', (_, change) => {
  change();
  expect(said()).toContain('is not an installed Debian system');
  expect(said()).not.toContain('rescue --root');
});
