import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import type { Printable } from '../../base/printable.ts';
import type { Wiring } from '../commands/wiring.ts';

/** A file of the user's into which a command shall write what it has found. */
export interface Output<Value, Option extends string> {
  readonly option: Option;
  /** `-` is stdout. */
  readonly path: string;
  readonly file: { write(content: Printable): void };
  readonly content: (value: Value) => Printable;
}

export interface WantedOutput<Value, Option extends string> {
  readonly option: Option;
  /** As the user wrote it; undefined when nobody wants it. */
  readonly path: string | undefined;
  readonly content: (value: Value) => Printable;
  /** A file that is there already is not overwritten. */
  readonly onlyNew?: boolean;
}

/** Before the long work, so that it is not in vain. */
export function prepareOutputs<Value, Option extends string>(
  wanted: readonly WantedOutput<Value, Option>[],
  wiring: Wiring,
): Output<Value, Option>[] {
  const paths = wanted.map(({ path }) => path).filter((path) => path !== undefined);
  const twice = paths.find((path, index) => paths.indexOf(path) < index);
  if (twice !== undefined) {
    throw new CrossgradeError(`Two things cannot be written to ${twice === '-' ? 'the standard output' : twice}.`, {
      code: 'CG0010',
      hint: 'Nothing was changed. Give each of them a file of its own.',
      exitCode: exitCodes.usage,
    });
  }
  return wanted.flatMap(({ option, path, content, onlyNew = false }) => {
    if (path === undefined) return [];
    const toStdout = { write: (text: Printable) => void wiring.stdout.write(text) };
    return [{ option, path, content, file: path === '-' ? toStdout : wiring.prepareUserFile(path, { onlyNew }) }];
  });
}
