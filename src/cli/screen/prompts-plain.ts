import { createInterface } from 'node:readline';
import { joinLines, type Printable, printable, text } from '../../base/printable.ts';
import { wrap } from '../../base/wrap.ts';
import { hang, textColumns } from '../words/text.ts';
import type { PromptPort } from './prompt-port.ts';
import type { Output } from './terminal.ts';

/** What is thrown when there is nothing left to read, or on Ctrl-C. */
class PlainPromptExit extends Error {
  override readonly name = 'ExitPromptError';
}

/** Questions for a terminal that cannot move its cursor, and for someone who listens to it: lines, and an answer typed. */
export function createPlainPromptPort(input: NodeJS.ReadStream, output: Output): PromptPort {
  const write = (line: Printable): void => {
    output.write(joinLines([line]));
  };
  return {
    write,
    select: async ({ message, choices, preselected }) => {
      const usual = choices.findIndex(({ value }) => value === preselected) + 1;
      const columns = textColumns(output.columns);
      const lines = choices.flatMap(({ name }, index) => hang(`  ${index + 1}) `, name, columns));
      for (const line of [...hang('', message, columns), ...lines]) write(printable(line));
      for (;;) {
        const typed = await readLine(
          usual > 0 ? text`Type a number, or Enter for ${usual}: ` : text`Type a number: `,
          input,
          output,
        );
        const chosen = choices[(typed === '' && usual > 0 ? usual : Number(typed)) - 1];
        if (chosen !== undefined && /^\d*$/.test(typed)) return chosen.value;
        write(text`Please type a number from 1 to ${choices.length}.`);
      }
    },
    confirm: async ({ message, byDefault }) => {
      for (;;) {
        const question = `${message} Type yes or no, or Enter for ${byDefault ? 'yes' : 'no'}:`;
        const lines = wrap(question, textColumns(output.columns)).map(printable);
        const typed = await readLine(text`${joinLines(lines.slice(0, -1))}${lines.at(-1) ?? text``} `, input, output);
        if (typed === '') return byDefault;
        if (/^y(es)?$/i.test(typed)) return true;
        if (/^no?$/i.test(typed)) return false;
      }
    },
  };
}

function readLine(question: Printable, input: NodeJS.ReadStream, output: Output): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input, terminal: false });
    let line: string | undefined;
    const leave = (): void => lines.close();
    process.once('SIGINT', leave);
    lines.once('line', (typed) => {
      line = typed.trim();
      lines.close();
    });
    lines.once('close', () => {
      process.off('SIGINT', leave);
      if (line !== undefined) return resolve(line);
      // The cursor is behind the question, or behind the ^C that the terminal shows.
      output.write(text`\n`);
      reject(new PlainPromptExit());
    });
    output.write(question);
  });
}
