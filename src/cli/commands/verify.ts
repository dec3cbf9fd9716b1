import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import { joinLines, printable, printableIn, printableJson, text } from '../../base/printable.ts';
import { shortHostName } from '../../check/check-report.ts';
import { verify } from '../../compare/system/verify.ts';
import { isAsPlanned, makeVerifyReport, type VerifyReport } from '../../compare/verify-report.ts';
import { comparisonForRoot } from '../../run/name-root.ts';
import { readFacts } from '../../run/system/read-facts.ts';
import { pairOf } from '../../state/pair-of.ts';
import { StateStore } from '../../state/system/state-store.ts';
import type { Command } from '../arguments/arguments.ts';
import { prepareOutputs } from '../arguments/outputs.ts';
import { formatComparison } from '../report/comparison-view.ts';
import { comparisonPage } from '../report/html/comparison-page.ts';
import { createLook, shownLines } from '../screen/terminal.ts';
import type { Wiring } from './wiring.ts';

/** Compares the system with the plan and with what was there before. Changes nothing. */
export async function verifyCommand(options: Command & { name: 'verify' }, wiring: Wiring): Promise<number> {
  const { stdout, stderr, environment } = wiring;
  const events = options.output === 'json' && options.json !== '-' ? '-' : undefined;
  const outputs = prepareOutputs<VerifyReport, 'json' | 'html'>(
    [
      { option: 'json', path: options.json, content: (report) => joinLines([printableJson(report, 2)]) },
      { option: 'json', path: events, content: (report) => joinLines([printableJson(report)]) },
      { option: 'html', path: options.html, content: comparisonPage },
    ],
    wiring,
  );
  const session = await wiring.openSession(options.root, 'read');
  try {
    const { machine } = session;
    const store = new StateStore(machine);
    const state = await store.load();
    const before = state ? await store.record() : undefined;
    if (!state || !before) {
      throw new CrossgradeError('There is no record of a crossgrade to compare this root with.', {
        code: 'CG0147',
        hint: 'Nothing was changed. A record is made by crossgrade run.',
      });
    }
    if (state.finishedAt === null) {
      throw new CrossgradeError('The crossgrade of this root is not finished: there is nothing to compare yet.', {
        code: 'CG0153',
        hint: 'Nothing was changed. See how far it is with crossgrade status, go on with crossgrade resume.',
      });
    }
    const facts = await readFacts(machine, state.milestones);
    const found = await verify(machine, pairOf(state), await store.plan(), before, facts);
    const comparison = comparisonForRoot(found, options.root);
    const report = makeVerifyReport(comparison, {
      toolVersion: wiring.version,
      createdAt: new Date().toISOString(),
      recordedAt: before.recordedAt,
      system: {
        root: options.root,
        hostName: shortHostName((await machine.readTextIfThere('/etc/hostname')) ?? ''),
        sourceArchitecture: state.sourceArchitecture,
        targetArchitecture: state.targetArchitecture,
      },
    });
    for (const { file, content } of outputs) file.write(content(report));
    if (!outputs.some(({ path }) => path === '-')) {
      const look = createLook(stdout, environment, options.color);
      stdout.write(shownLines(formatComparison(printableIn(comparison), { look, columns: stdout.columns }), look));
    }
    for (const { path } of outputs.filter((one) => one.path !== '-'))
      stderr.write(text`The report is in ${printable(path)}.\n`);
    return isAsPlanned(comparison) ? exitCodes.done : exitCodes.failed;
  } finally {
    await session.close();
  }
}
