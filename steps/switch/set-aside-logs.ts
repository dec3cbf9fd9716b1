import { asideFolder, atopLogFolder } from '../../src/files/set-aside-logs.ts';
import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: atop's postinst; atop(1), raw files. */
export const setAsideLogs: Step = {
  id: 'switch/set-aside-logs',
  title: 'Set logs aside that only the old atop reads',
  why: 'atop’s logs have its word size, and the script of its package fails where it finds one that it cannot read.',
  purpose:
    'Moves the logs of atop to /var/log/atop/crossgrade-before, where they stay for a 32-bit atop; atop’s own rotation deletes them there when they are old.',
  remaining: (context) => waiting(context).map((path) => `${path} is a log of the old atop`),
  plan: (context) => [
    { do: 'command', argv: ['mkdir', '-p', asideFolder] },
    // The old atop may have begun one of the same name after an earlier move.
    { do: 'command', argv: ['mv', '--backup=numbered', '-t', asideFolder, ...waiting(context)] },
  ],
  undo: ({ facts: { atopLogs } }) =>
    !atopLogs?.hasAside
      ? []
      : [
          ...(atopLogs.aside.length > 0
            ? [
                {
                  do: 'command' as const,
                  argv: ['mv', '--backup=numbered', '-t', atopLogFolder, ...atopLogs.aside],
                },
              ]
            : []),
          { do: 'command', argv: ['rmdir', '--ignore-fail-on-non-empty', asideFolder] },
        ],
};

/** Until the new atop is configured: a run that was interrupted may have met a log of the old one meanwhile. */
function waiting({ pair, plan, facts: { inventory, atopLogs } }: StepContext): readonly string[] {
  const goesOver = plan.changes.some(({ name, change }) => name === 'atop' && change === 'crossgraded');
  const isDone = inventory.packages.some(
    ({ name, architecture, state }) => name === 'atop' && architecture === pair.target.name && state === 'installed',
  );
  return goesOver && !isDone ? (atopLogs?.there ?? []) : [];
}
