import type { Question, Severity } from '../../../src/base/finding.ts';
import type { CheckInput } from '../../../src/check/check.ts';
import { describeStore, storesOf } from './stores.ts';

/** Files whose format is known, but not what a program keeps in them. */
export const otherDataQuestion = 'other-data';

export function otherDataSeverity({ answers }: CheckInput): Severity {
  return answers[otherDataQuestion] === 'leave' ? 'warning' : 'blocker';
}

export function otherDataQuestions(input: CheckInput): Question[] {
  const stores = [...storesOf(input, 'lmdb'), ...storesOf(input, 'gdbm')];
  if (stores.length === 0) return [];
  return [
    {
      id: otherDataQuestion,
      text: 'What shall become of LMDB and GDBM databases that the new programs cannot read?',
      why: 'crossgrade does not know what their programs keep in them; a mere copy of the records may be wrong.',
      affected: stores.map(describeStore).sort(),
      assumed: 'leave',
      choices: [
        {
          value: 'stop',
          title: 'Stop here',
          consequence: 'Nothing is changed. Export them with their programs.',
          recommended: true,
        },
        {
          value: 'leave',
          title: 'Leave them as they are',
          consequence:
            'You have an export, or they are caches or maps that are made anew. The new programs cannot read them.',
        },
      ],
    },
  ];
}
