import type { CommandOptions, Machine } from '../machine.ts';

/** Something does not work, in the words of the program that said so; what it means is for the caller to say. */
export class DataTrouble extends Error {
  override name = 'DataTrouble';
  readonly details: readonly string[];

  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.details = details;
  }
}

/** Runs a program that has to succeed. */
export async function must(
  machine: Machine,
  what: string,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.run(argv, options);
  if (exitCode !== 0) throw new DataTrouble(what, lastLines(`${stdout}\n${stderr}`));
  return stdout;
}

/** What a program said at last. */
export function lastLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.slice(0, 300))
    .filter((line) => line.trim() !== '')
    .slice(-6);
}
