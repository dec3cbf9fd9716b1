import { fitSigns, type Look } from '../screen/terminal.ts';
import type { Explanation, ExplanationKind } from '../words/explanations.ts';
import { hang, textColumns } from '../words/text.ts';

export interface ExplainViewOptions {
  readonly look: Look;
  readonly columns?: number | undefined;
}

const kinds: readonly (readonly [ExplanationKind, string, string])[] = [
  ['finding', 'Findings of crossgrade check', 'a finding of crossgrade check'],
  ['check', 'Checks that are called otherwise than what they find', 'one of the checks of crossgrade check'],
  ['decision', 'Decisions', 'a decision'],
  ['step', 'Steps of crossgrade run', 'a step of crossgrade run'],
  ['word', 'Words of the plan', 'a word of the plan'],
  ['error', 'Error codes', 'an error code'],
];

/** @returns lines: what one id means, and what to do */
export function formatExplanation(
  { id, kind, title, paragraphs, source }: Explanation,
  { look, columns }: ExplainViewOptions,
): string[] {
  const width = textColumns(columns);
  const words = kinds.find(([one]) => one === kind)?.[2] ?? kind;
  return fitSigns(
    [
      `${look.paint('bold', id)}, ${words}`,
      ...(title === undefined ? [] : hang('', `${title}.`, width)),
      ...paragraphs.flatMap((text) => ['', ...hang('  ', text, width)]),
      ...(source === undefined ? [] : ['', ...hang('  Source: ', source, width)]),
    ],
    look,
  );
}

/** @returns lines: every id, by what it is */
export function formatIds(all: readonly Explanation[], { look, columns }: ExplainViewOptions): string[] {
  const width = textColumns(columns);
  return fitSigns(
    [
      ...kinds.flatMap(([kind, heading]) => {
        const ones = all.filter((one) => one.kind === kind);
        const idWidth = Math.max(...ones.map(({ id }) => id.length));
        return [
          look.paint('bold', heading),
          ...ones.flatMap(({ id, title, paragraphs }) =>
            title === undefined
              ? hang(`  ${id.padEnd(idWidth)}  `, firstSentence(paragraphs[0] ?? ''), width)
              : hang(`  ${id.padEnd(idWidth)}  `, title, width),
          ),
          '',
        ];
      }),
      'One of them: crossgrade explain ID',
    ],
    look,
  );
}

function firstSentence(text: string): string {
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}
