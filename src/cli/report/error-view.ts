import { CrossgradeError } from '../../base/error.ts';
import { printableIn, printableLines } from '../../base/printable.ts';
import { failureForRoot } from '../../run/name-root.ts';
import { failureOf } from '../../run/system/run.ts';
import type { Look } from '../screen/terminal.ts';
import { fold, hang, textColumns } from '../words/text.ts';

export interface ErrorViewOptions {
  readonly look: Look;
  readonly columns?: number | undefined;
  readonly verbose?: boolean;
  /** The root that the user named; `/` when none. */
  readonly root?: string;
  /** Where the stack of a bug was written to. */
  readonly stackFile?: string | undefined;
}

/** @returns lines: what happened, what shows it, what to do next. A stack is only shown for a bug, and on request. */
export function formatError(error: unknown, options: ErrorViewOptions): string[] {
  return error instanceof CrossgradeError ? formatKnown(error, options) : formatBug(error, options);
}

function formatKnown(error: CrossgradeError, { look: { paint }, columns, root = '/' }: ErrorViewOptions): string[] {
  const width = textColumns(columns);
  const { code, message, details, hint } = printableIn(failureForRoot(failureOf(error), root));
  const head = `${code}  `;
  const [first = '', ...rest] = hang(head, message, width);
  return [
    paint('red', code) + first.slice(code.length),
    ...rest,
    // Words stay whole: paths are copied from here.
    ...details.flatMap((line) => fold(' '.repeat(head.length), line, width)),
    ...formatNext(hint, paint, width),
  ];
}

function formatNext(hint: string | undefined, paint: Look['paint'], width: number): string[] {
  if (hint === undefined) return [];
  const head = '  Next: ';
  return hang(head, hint, width).map((line, index) =>
    index === 0 ? paint('bold', head) + line.slice(head.length) : line,
  );
}

/** A bug: anything that was not foreseen. */
function formatBug(error: unknown, { look: { paint }, columns, verbose, stackFile }: ErrorViewOptions): string[] {
  const width = textColumns(columns);
  const code = 'CG9999';
  const words = printableLines(error instanceof Error ? error.message : String(error)).join(' ');
  const [first = '', ...rest] = hang(`${code}  `, `This is a bug in crossgrade: ${words}`, width);
  const stack = error instanceof Error ? (error.stack ?? error.message).split('\n') : [];
  const lines = [paint('red', code) + first.slice(code.length), ...rest];
  if (verbose === true) lines.push(...stack.map((line) => `        ${line}`));
  else if (stackFile !== undefined) lines.push(`        The details are in ${stackFile}`);
  const show =
    verbose === true || stackFile !== undefined ? '' : 'Type the same command again with --verbose to see where. ';
  return [...lines, ...formatNext(`${show}\`crossgrade status\` says where the system is.`, paint, width)];
}
