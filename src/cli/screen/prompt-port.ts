import type { Printable } from '../../base/printable.ts';

/** What a prompt needs of inquirer; tests answer themselves. */
export interface PromptPort {
  select(question: SelectPrompt): Promise<string>;
  confirm(question: { readonly message: Printable; readonly byDefault: boolean }): Promise<boolean>;
  write(line: Printable): void;
}

export interface SelectPrompt {
  readonly message: Printable;
  readonly choices: readonly { readonly value: string; readonly name: Printable }[];
  /** The value that the cursor is on at first. */
  readonly preselected: string | undefined;
}
