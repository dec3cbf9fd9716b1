import type { Machine } from '../../base/machine.ts';
import { readRehearsal } from '../../rehearsal/system/rehearsal-note.ts';
import { formatDuration, formatTime } from './format.ts';

const results = {
  'as-planned': 'it came to its end as planned',
  differences: 'it came to its end, with things to look at',
  failed: 'it did NOT come to its end',
} as const;

/** @returns sentences on the last rehearsal; none where there was none */
export async function rehearsedWords(machine: Machine): Promise<string[]> {
  const found = await readRehearsal(machine);
  if (found === undefined) return [];
  const { createdAt, result, seconds } = found.report;
  const since = found.isCurrent ? 'no package was changed since' : 'packages were changed since: rehearse once more';
  return [
    `Rehearsed ${formatTime(createdAt)}: ${results[result]}, in ${formatDuration(Math.round(seconds))}; ${since}.`,
  ];
}
