import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asideFolder, atopLogFolder } from '../../../src/files/set-aside-logs.ts';
import type { Action, StepContext } from '../../../src/run/step.ts';
import { perform } from '../../../src/run/system/perform.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';
import { rebuildDictionaries } from '../../../steps/finish/rebuild-dictionaries.ts';
import { setAsideLogs } from '../../../steps/switch/set-aside-logs.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { performOn } from '../../support/runs/perform-on.ts';

let root: FreshRoot;

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal');
});

afterEach(() => root.dispose());

const at = (path: string) => join(root.directory, path);
const logsIn = (folder: string) =>
  readdirSync(at(folder))
    .filter((name) => name.startsWith('atop_'))
    .sort()
    .map((name) => readFileSync(at(`${folder}/${name}`), 'utf8'));

/** As a run does it, but for its milestones. @param only the first of the actions, as where a run is killed after it */
async function act(choose: (context: StepContext) => readonly Action[], only = 99) {
  return performOn(
    root.directory,
    async (performance) => {
      const facts = await readFacts(performance.machine);
      const plan = { changes: [{ name: 'atop', change: 'crossgraded' }] };
      const actions = choose({ pair, facts, plan } as unknown as StepContext);
      for (const action of actions.slice(0, only)) if (action.do !== 'milestone') await perform(performance, action);
    },
    { step: 'switch/set-aside-logs' },
  );
}

const undo = (context: StepContext) => (typeof setAsideLogs.undo === 'string' ? [] : setAsideLogs.undo(context));

test('no log of atop is lost where it begins one of the same name meanwhile, forward and back', async () => {
  mkdirSync(at(atopLogFolder), { recursive: true });
  writeFileSync(at(`${atopLogFolder}/atop_20261130`), 'morning');
  expect((await act(setAsideLogs.plan)).failure).toBeUndefined();
  expect(logsIn(atopLogFolder)).toEqual([]);
  writeFileSync(at(`${atopLogFolder}/atop_20261130`), 'noon');
  await act(setAsideLogs.plan);
  expect(logsIn(asideFolder).sort()).toEqual(['morning', 'noon']);
  writeFileSync(at(`${atopLogFolder}/atop_20261130`), 'evening');
  // Killed after the first action, and taken back by another rollback.
  await act(undo, 1);
  expect((await act(undo)).failure).toBeUndefined();
  expect(logsIn(atopLogFolder).sort()).toEqual(['evening', 'morning', 'noon']);
  expect(readdirSync(at(atopLogFolder)).filter((name) => !name.startsWith('atop_'))).toEqual([]);
});

test('a dictionary that cannot be compiled keeps no run from its end, and is told', async () => {
  mkdirSync(at('/usr/sbin'), { recursive: true });
  rmSync(at('/usr/sbin/ispell-autobuildhash'), { force: true });
  const script = '#!/bin/sh\necho "american.aff line 2: syntax error" >&2\nexit 255\n';
  writeFileSync(at('/usr/sbin/ispell-autobuildhash'), script, { mode: 0o755 });
  const { failure, said } = await act(rebuildDictionaries.plan);
  expect(failure).toBeUndefined();
  expect(said).toContain('american.aff line 2: syntax error');
});
