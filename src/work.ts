import { readFileSync } from 'node:fs';
import { checks } from '../steps/check/index.ts';
import { steps } from '../steps/index.ts';
import { CrossgradeError } from './base/error.ts';
import { exitCodes } from './base/exit-codes.ts';
import type { Command } from './cli/arguments/arguments.ts';
import { checkCommand } from './cli/commands/check.ts';
import { engineCommand } from './cli/commands/engine.ts';
import { explainCommand } from './cli/commands/explain.ts';
import { rehearseCommand } from './cli/commands/rehearse.ts';
import { rescueCommand } from './cli/commands/rescue.ts';
import { resumeCommand } from './cli/commands/resume.ts';
import { rollbackCommand } from './cli/commands/rollback.ts';
import { runCommand } from './cli/commands/run.ts';
import { sandboxCommand } from './cli/commands/sandbox.ts';
import { verifyCommand } from './cli/commands/verify.ts';
import type { SandboxRequest, Shell, Wiring } from './cli/commands/wiring.ts';
import { prepareUserFile } from './machine/files/user-file.ts';
import { inPrivateMounts } from './machine/view/private-mounts.ts';
import { openView } from './open-view.ts';
import { defaultSandboxArchitecture, makeSandbox } from './sandbox/sandbox.ts';

/** Does what a command says that is more than a look; all of planning and performing is loaded with it. */
export async function work(
  command: Exclude<Command, { readonly name: 'help' | 'version' | 'status' }>,
  shell: Shell,
): Promise<number> {
  const wiring: Wiring = {
    ...shell,
    steps,
    checks,
    readUserFile,
    prepareUserFile,
    inPrivateMounts,
    openView,
    makeSandbox: makeSandboxFor,
    sandboxArchitecture: defaultSandboxArchitecture,
  };
  switch (command.name) {
    case 'guided':
      return runCommand({ ...command, yes: false, answers: undefined, until: undefined }, wiring);
    case 'run':
      return runCommand(command, wiring);
    case 'rehearse':
      return rehearseCommand(command, wiring);
    case 'engine':
      return engineCommand(command, wiring);
    case 'resume':
      return resumeCommand(command, wiring);
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

async function makeSandboxFor({ suite, mirror, ...rest }: SandboxRequest): Promise<void> {
  await makeSandbox({ ...rest, ...(suite !== undefined && { suite }), ...(mirror !== undefined && { mirror }) });
}

function readUserFile(path: string): string {
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
}
