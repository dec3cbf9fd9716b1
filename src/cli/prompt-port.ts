/** What a prompt needs of inquirer; tests answer themselves. */
export interface PromptPort {
  select(question: SelectPrompt): Promise<string>;
  confirm(question: { readonly message: string; readonly byDefault: boolean }): Promise<boolean>;
  write(line: string): void;
}

export interface SelectPrompt {
  readonly message: string;
  readonly choices: readonly { readonly value: string; readonly name: string }[];
  /** The value that the cursor is on at first. */
  readonly preselected: string | undefined;
}
