import { singleKey } from '../../base/finding.ts';
import { joinLines, type Printable, printableJson } from '../../base/printable.ts';
import type { Decision } from '../../check/check-report-schema.ts';
import type { Look } from '../screen/terminal.ts';
import { hang, textColumns } from '../words/text.ts';

/** Stands where a decision is still to be taken: for `readAnswers` it is none. */
const undecided = '';

/** @returns a JSON file for `--answers`: what was decided stays, what is open is an empty text */
export function answersTemplate(decisions: readonly Decision[]): Printable {
  const answers = Object.fromEntries(
    decisions.flatMap(({ id, answer, affected, singleAnswers, ...decision }) => [
      [id, answer ?? undecided],
      ...(takesSingle({ affected, ...decision }) ? affected : []).map((name) => [
        singleKey(id, name),
        singleAnswers[name] ?? undecided,
      ]),
    ]),
  );
  return joinLines([printableJson(answers, 2)]);
}

/** With one alone there are no exceptions. */
function takesSingle({ affected, singleValues }: Pick<Decision, 'affected' | 'singleValues'>): boolean {
  return affected.length > 1 && singleValues.length > 0;
}

/** @returns lines: JSON has no comments, so what can be filled in is said here */
export function formatTemplateHelp(
  file: string,
  decisions: readonly Decision[],
  { look, columns }: { readonly look: Look; readonly columns?: number | undefined },
): string[] {
  if (decisions.length === 0) return [`${file}: there is nothing to decide.`];
  const width = textColumns(columns);
  return [
    `${file}: fill in what is still "", then give it to run or check with --answers ${file}.`,
    ...decisions.flatMap(({ id, text, choices, ...decision }) => [
      ...hang('  ', `${look.paint('bold', id)}: ${text}`, width),
      ...choices.flatMap(({ value, title, consequence, recommended }) =>
        hang(
          `    ${value.padEnd(Math.max(...choices.map((one) => one.value.length)))}  `,
          `${title}${recommended ? ' (recommended)' : ''}. ${consequence}`,
          width,
        ),
      ),
      ...(takesSingle(decision)
        ? hang(
            '    ',
            `${id}/PACKAGE: ${decision.singleValues.join(' or ')}, for that one alone; it may stay "".`,
            width,
          )
        : []),
    ]),
  ];
}
