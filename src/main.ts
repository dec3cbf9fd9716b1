import './machine/programs/late-compiling.ts';

import { readFileSync } from 'node:fs';
import packageJson from '../package.json' with { type: 'json' };
import { checks } from '../steps/check/index.ts';
import { steps } from '../steps/index.ts';
import { CrossgradeError } from './base/error.ts';
import { exitCodes } from './base/exit-codes.ts';
import { programFolder } from './base/own-paths.ts';
import { printable, text } from './base/printable.ts';
import { parseArguments } from './cli/arguments/arguments.ts';
import { formatHelp } from './cli/arguments/help.ts';
import { checkCommand } from './cli/commands/check.ts';
import { engineCommand } from './cli/commands/engine.ts';
import { explainCommand } from './cli/commands/explain.ts';
import { rescueCommand } from './cli/commands/rescue.ts';
import { resumeCommand } from './cli/commands/resume.ts';
import { rollbackCommand } from './cli/commands/rollback.ts';
import { runCommand } from './cli/commands/run.ts';
import { sandboxCommand } from './cli/commands/sandbox.ts';
import type { Session, Wiring } from './cli/commands/session.ts';
import { statusCommand } from './cli/commands/status.ts';
import { verifyCommand } from './cli/commands/verify.ts';
import { formatError } from './cli/report/error-view.ts';
import { createJsonScreen } from './cli/screen/screen-json.ts';
import { asksFor, createLook, forgetZeroSize, type Output, shownIn, shownLines } from './cli/screen/terminal.ts';
import { prepareUserFile } from './machine/files/user-file.ts';
import { lockRoot } from './machine/lock.ts';
import { openRoot } from './machine/open-root.ts';
import { engineService } from './machine/programs/engine-service.ts';
import { realMachine } from './machine/real-machine.ts';
import { isRecordedHost, openRecordedHost } from './machine/recorded-host.ts';
import { validateRoot } from './machine/root-validation.ts';
import { failureForRoot } from './run/name-root.ts';
import { failureOf } from './run/system/run.ts';
import { makeSandbox } from './sandbox/sandbox.ts';

/** Where a message's commands shall lead to; `/` until the command line was understood. */
let rootName = '/';
/** Commands whose result is what they say; of the others it is what they have done, whoever was told. */
const tellingCommands: ReadonlySet<string> = new Set(['help', 'version', 'status', 'verify', 'check', 'explain']);
let isTelling = true;

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const environment = shownIn(process.env, process.argv.slice(2));

/** Nothing else of this program writes to them. */
const { stdout, stderr }: { stdout: Output; stderr: Output } = process;

const wiring: Wiring = {
  openSession,
  engineService,
  makeSandbox: ({ suite, mirror, ...rest }) =>
    makeSandbox({ ...rest, ...(suite !== undefined && { suite }), ...(mirror !== undefined && { mirror }) }),
  steps,
  checks,
  stdin: process.stdin,
  stdout,
  stderr,
  environment,
  readUserFile(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw new CrossgradeError(`${path} cannot be read.`, {
        code: 'CG0006',
        hint: 'Nothing was changed. Check the name of the file.',
        exitCode: exitCodes.usage,
        cause,
      });
    }
  },
  prepareUserFile,
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

async function openSession(path: string, purpose: Parameters<Wiring['openSession']>[1]): Promise<Session> {
  const access = purpose === 'read' ? 'read' : 'write';
  if (access === 'read' && isRecordedHost(path)) {
    return { ...openRecordedHost(path), takenOver: false };
  }
  if (access === 'read') {
    const root = await openRoot(path, { access });
    return { machine: realMachine(root), takenOver: false, close: () => root.close() };
  }
  const isRescue = purpose === 'rescue';
  const directory = validateRoot(path, access, isRescue);
  if (directory === '/' && process.argv[1] !== `${programFolder}/crossgrade.mjs`) {
    // Another Node would be replaced under it, and no unit could go on after a reboot.
    throw new CrossgradeError('On the running system crossgrade works only as the installed package.', {
      code: 'CG0320',
      hint:
        'Nothing was changed. Install the package (apt install ./crossgrade_VERSION_all.deb): it brings a Node of its ' +
        'own, which the crossgrade does not touch. Or name another root with --root DIR.',
      exitCode: exitCodes.blocked,
    });
  }
  const lock = await lockRoot(directory, { isRescue });
  let isClosed = false;
  try {
    const root = await openRoot(directory, { access, isRescue });
    return {
      machine: realMachine(root),
      takenOver: root.takenOver,
      async close() {
        if (isClosed) return;
        isClosed = true;
        await root.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function main(words: readonly string[]): Promise<number> {
  const command = parseArguments(words);
  rootName = 'root' in command ? command.root : '/';
  isTelling = tellingCommands.has(command.name);
  switch (command.name) {
    case 'help':
      stdout.write(formatHelp(command.topic));
      return exitCodes.done;
    case 'version':
      stdout.write(text`crossgrade ${printable(packageJson.version)}\n`);
      return exitCodes.done;
    case 'guided':
      return runCommand({ ...command, yes: false, answers: undefined, until: undefined }, wiring);
    case 'run':
      return runCommand(command, wiring);
    case 'engine':
      return engineCommand(command, wiring);
    case 'resume':
      return resumeCommand(command, wiring);
    case 'status':
      return statusCommand(command, wiring);
    case 'rollback':
      return rollbackCommand(command, wiring);
    case 'rescue':
      return rescueCommand(command, wiring);
    case 'verify':
      return verifyCommand(command, wiring);
    case 'sandbox':
      return sandboxCommand(command, wiring);
    case 'check':
      return checkCommand(command, wiring);
    case 'explain':
      return explainCommand(command, wiring);
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
