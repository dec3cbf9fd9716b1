import './machine/programs/late-compiling.ts';

import packageJson from '../package.json' with { type: 'json' };
import { CrossgradeError } from './base/error.ts';
import { exitCodes } from './base/exit-codes.ts';
import { printable, text } from './base/printable.ts';
import { parseArguments } from './cli/arguments/arguments.ts';
import type { Shell } from './cli/commands/wiring.ts';
import { formatError } from './cli/report/error-view.ts';
import { createJsonScreen } from './cli/screen/screen-json.ts';
import { asksFor, createLook, forgetZeroSize, type Output, shownIn, shownLines } from './cli/screen/terminal.ts';
import { engineService } from './machine/programs/engine-service.ts';
import { failureOf } from './run/event.ts';
import { failureForRoot } from './run/name-root.ts';

/** Where a message's commands shall lead to; `/` until the command line was understood. */
let rootName = '/';
/** Commands whose result is what they say; of the others it is what they have done, whoever was told. */
const tellingCommands: ReadonlySet<string> = new Set(['help', 'version', 'status', 'verify', 'check', 'explain']);
let isTelling = true;

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const environment = shownIn(process.env, process.argv.slice(2));

/** Nothing else of this program writes to them. */
const { stdout, stderr }: { stdout: Output; stderr: Output } = process;

/** What only some commands need is loaded when it is needed: most of the time of a start goes there. */
const shell: Shell = {
  loadSteps: async () => (await import('../steps/index.ts')).steps,
  openSession: async (...asked) => (await import('./open-session.ts')).openSession(...asked),
  engineService,
  // Node opens it when it is looked at.
  get stdin() {
    return process.stdin;
  },
  stdout,
  stderr,
  environment,
  version: packageJson.version,
  onSignal(callback) {
    let hasCome = false;
    const listen = (name: string): void => {
      hasCome = true;
      callback(name);
    };
    for (const name of endingSignals) process.on(name, listen);
    return () => {
      for (const name of endingSignals) {
        // Who is asked to stop, and is about to, must not be kept from cleaning up by being asked again.
        if (hasCome) process.on(name, () => undefined);
        process.off(name, listen);
      }
    };
  },
};

async function main(words: readonly string[]): Promise<number> {
  const command = parseArguments(words);
  rootName = 'root' in command ? command.root : '/';
  isTelling = tellingCommands.has(command.name);
  switch (command.name) {
    case 'help':
      stdout.write((await import('./cli/arguments/help.ts')).formatHelp(command.topic));
      return exitCodes.done;
    case 'version':
      stdout.write(text`crossgrade ${printable(packageJson.version)}\n`);
      return exitCodes.done;
    case 'status':
      return (await import('./cli/commands/status.ts')).statusCommand(command, shell);
    default:
      return (await import('./work.ts')).work(command, shell);
  }
}

let isOutputLost = false;
for (const stream of [process.stdout, process.stderr]) {
  forgetZeroSize(stream);
  // Whoever reads our output may go away, and the disk behind it may be full.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (stream === process.stdout && error.code !== 'EPIPE') {
      stderr.write(text`The output cannot be written: ${printable(error.message)}\n`);
    }
    isOutputLost = true;
    if (isTelling) process.exitCode = exitCodes.failed;
  });
}

async function start(): Promise<void> {
  try {
    const exitCode = await main(process.argv.slice(2));
    process.exitCode = isOutputLost && isTelling ? exitCodes.failed : exitCode;
  } catch (error) {
    process.exitCode = error instanceof CrossgradeError ? error.exitCode : exitCodes.failed;
    if (asksFor('json', process.argv)) {
      const { observe } = createJsonScreen({ stream: stdout });
      observe({ type: 'error', failure: failureForRoot(failureOf(error), rootName), exitCode: process.exitCode });
    }
    const look = createLook(process.stderr, environment, !process.argv.includes('--no-color'));
    const verbose = process.argv.includes('--verbose');
    const lines = formatError(error, { look, columns: process.stderr.columns, verbose, root: rootName });
    stderr.write(shownLines(lines, look));
  }
}

/** The bundle waits for it, so that Node tells of a program that ends without having come to its end. */
export const ended = start();
