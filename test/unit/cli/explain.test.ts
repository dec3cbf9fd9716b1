import { describe, expect, test } from 'vitest';
import { questionIds } from '../../../src/check/answers-file.ts';
import { parseArguments } from '../../../src/cli/arguments/arguments.ts';
import { untilPhases } from '../../../src/cli/arguments/command-registry.ts';
import { explainCommand } from '../../../src/cli/commands/explain.ts';
import type { Wiring } from '../../../src/cli/commands/wiring.ts';
import { formatExplanation, formatIds } from '../../../src/cli/report/explain-view.ts';
import { plainLook } from '../../../src/cli/screen/terminal.ts';
import { allExplanations } from '../../../src/cli/words/explanations.ts';
import { changeWords } from '../../../src/cli/words/plan-words.ts';
import { checks } from '../../../steps/check/index.ts';
import { steps } from '../../../steps/index.ts';
import { World } from '../../support/recorded/world.ts';

const all = allExplanations(checks, steps);
const view = { look: plainLook, columns: 80 };

function explain(...words: string[]): string {
  let said = '';
  const stdout = {
    columns: 80,
    write: (text: string) => {
      said += text;
    },
  };
  const command = parseArguments(['explain', ...words]);
  if (command.name !== 'explain') throw new Error(command.name);
  explainCommand(command, { stdout, environment: {}, checks, steps } as unknown as Wiring);
  return said;
}

describe('what can be explained', () => {
  test('are all findings, decisions, steps and error codes', () => {
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(checks.flatMap(({ about }) => Object.keys(about))));
    expect(ids).toEqual(expect.arrayContaining(checks.map(({ id }) => id)));
    expect(ids).toEqual(expect.arrayContaining([...questionIds]));
    expect(ids).toEqual(expect.arrayContaining(steps.map(({ id }) => id as string)));
    expect(ids).toEqual(expect.arrayContaining(['CG0202', 'CG9999']));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is explained in sentences that fit the screen', () => {
    for (const one of all) {
      for (const paragraph of one.paragraphs) expect(paragraph, one.id).toMatch(/^\S.*\.$/);
      const lines = formatExplanation(one, view);
      expect(lines.length, one.id).toBeLessThan(24);
      expect(Math.max(...lines.map((line) => line.length)), one.id).toBeLessThanOrEqual(80);
    }
  });
});

describe('crossgrade explain', () => {
  test('knows the keys that a template of answers has', () => {
    expect(explain('no-counterpart/zsnes')).toBe(explain('no-counterpart'));
    expect(() => explain('residual-config/zsnes')).toThrow(/nothing called residual-config\/zsnes/);
  });

  test('knows every name that a plan has on the screen', () => {
    const { plan } = new World('bookworm-server').context;
    const names = plan.batches.flatMap(({ id, wave }) => [id, wave]);
    for (const name of [...names, ...untilPhases, ...changeWords.flatMap(([change, , short]) => [change, short])]) {
      expect(explain(name), name).toContain('a word of the plan');
    }
    expect(explain('point-of-no-return')).toContain('crossgrade rollback');
    expect(explain('core-1')).toMatch(/^core, a word of the plan$/m);
  });

  test('says what a step does, why, and whether it can be taken back', () => {
    expect(formatExplanation(all.find(({ id }) => id === 'prepare/guard-apt') as (typeof all)[0], view)).toEqual([
      'prepare/guard-apt, a step of crossgrade run',
      'Keep apt and unattended-upgrades from "repairing".',
      '',
      '  Writes /etc/apt/apt.conf.d/00crossgrade-guard: apt refuses to change packages,',
      '  and says why, as long as the crossgrade is not finished. It is removed at the',
      '  end.',
      '',
      '  apt -f install in the middle of a crossgrade removes packages.',
      '',
      '  crossgrade rollback takes it back.',
    ]);
    expect(explain('switch/replace-core')).toContain('It cannot be taken back');
  });

  test('takes an id in any case', () => {
    expect(explain('cg0203')).toContain('CG0203, an error code');
    expect(explain('Residual-Config')).toContain('“purge”'.replace(/[“”]/g, '"'));
  });

  test('lists every id when none is named', () => {
    const said = explain();
    for (const { id } of all) expect(said).toContain(`  ${id} `);
    expect(Math.max(...formatIds(all, view).map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('offers the nearest ids for an unknown one', () => {
    const failure = (id: string) => {
      try {
        explain(id);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(failure('no-conterpart')).toMatchObject({
      code: 'CG0011',
      exitCode: 2,
      hint: expect.stringContaining('no-counterpart'),
    });
    expect(failure('qqqq')).toMatchObject({ hint: expect.stringContaining('without an id') });
  });
});
