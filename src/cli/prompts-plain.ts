import { createInterface } from 'node:readline';
import { wrap } from '../core/wrap.ts';
import type { PromptPort } from './prompt-port.ts';
import { hang, textColumns } from './text.ts';

/** What is thrown when there is nothing left to read, or on Ctrl-C. */
class PlainPromptExit extends Error {
  override readonly name = 'ExitPromptError';
}

/** Questions for a terminal that cannot move its cursor, and for someone who listens to it: lines, and an answer typed. */
export function createPlainPromptPort(input: NodeJS.ReadStream, output: NodeJS.WriteStream): PromptPort {
  const write = (line: string): void => {
    output.write(`${line}\n`);
  };
  return {
    write,
    select: async ({ message, choices, preselected }) => {
      const usual = choices.findIndex(({ value }) => value === preselected) + 1;
      const columns = textColumns(output.columns);
      const lines = choices.flatMap(({ name }, index) => hang(`  ${index + 1}) `, name, columns));
      write([...hang('', message, columns), ...lines].join('\n'));
      for (;;) {
        const typed = await readLine(`Type a number${usual > 0 ? `, or Enter for ${usual}` : ''}: `, input, output);
        const chosen = choices[(typed === '' && usual > 0 ? usual : Number(typed)) - 1];
        if (chosen !== undefined && /^\d*$/.test(typed)) return chosen.value;
        write(`Please type a number from 1 to ${choices.length}.`);
      }
    },
    confirm: async ({ message, byDefault }) => {
      for (;;) {
        const question = `${message} Type yes or no, or Enter for ${byDefault ? 'yes' : 'no'}:`;
        const typed = await readLine(`${wrap(question, textColumns(output.columns)).join('\n')} `, input, output);
        if (typed === '') return byDefault;
        if (/^y(es)?$/i.test(typed)) return true;
        if (/^no?$/i.test(typed)) return false;
      }
    },
  };
}

function readLine(question: string, input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input, terminal: false });
    let line: string | undefined;
    const leave = (): void => lines.close();
    process.once('SIGINT', leave);
    lines.once('line', (text) => {
      line = text.trim();
      lines.close();
    });
    lines.once('close', () => {
      process.off('SIGINT', leave);
      if (line !== undefined) return resolve(line);
      // The cursor is behind the question, or behind the ^C that the terminal shows.
      output.write('\n');
      reject(new PlainPromptExit());
    });
    output.write(question);
  });
}
