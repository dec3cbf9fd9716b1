import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { CommandResult } from '../../../src/base/root.ts';
import { type CheckReport, reportSchema } from '../../../src/check/check-report-schema.ts';
import { inRoot } from './conversion.ts';
import { bundle } from './faults.ts';

const execute = promisify(execFile);

type Reported = CheckReport['findings'][number];

/** What `check` says of a root, as a value. */
export async function check(directory: string, ...options: readonly string[]): Promise<CheckReport> {
  const argv = [bundle(), 'check', '--root', directory, '--json', '-', ...options];
  try {
    return reportOf((await execute(process.execPath, argv, { maxBuffer: 2 ** 28 })).stdout);
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (!stdout) throw error;
    return reportOf(stdout);
  }
}

export function reportOf(text: string): CheckReport {
  return reportSchema.parse(JSON.parse(text));
}

export function commandsOf({ remedies }: Pick<Reported, 'remedies'>): string[] {
  return remedies.flatMap((one) => ('command' in one ? [one.command] : []));
}

/** One command that a finding shows, and what came of it. */
export interface Typed {
  readonly id: string;
  readonly command: string;
  readonly result: CommandResult;
}

/** As the administrator types them: each as it is shown, in the order of the report. */
export async function typeRemedies(directory: string, findings: readonly Reported[]): Promise<Typed[]> {
  // The administrator says yes to what apt asks.
  appendFileSync(join(directory, 'etc/apt/apt.conf.d/90yes'), 'APT::Get::Assume-Yes "true";\n');
  const shown = findings.flatMap((one) => commandsOf(one).map((command) => ({ id: one.id, command })));
  // Who stands in the root need not enter it; `sh -c '…'` is one word of that shell.
  const lines = shown.map(({ command }) => ['sh', '-c', command.replace(`chroot ${directory} `, '')]);
  const results = await inRoot(directory, ...lines);
  return shown.map((one, index) => ({ ...one, result: results[index] ?? { exitCode: -1, stdout: '', stderr: '' } }));
}

/** For the message of a test that fails. */
export function saidBy(typed: readonly Typed[]): string {
  return typed
    .map(({ command, result }) => `$ ${command}\n${result.stdout}${result.stderr}-> ${result.exitCode}`)
    .join('\n');
}

/** Every one of them ran to a good end. */
export function expectDone(typed: readonly Typed[]): void {
  expect(typed).not.toEqual([]);
  expect(
    typed.filter(({ result }) => result.exitCode !== 0).map(({ command }) => command),
    saidBy(typed),
  ).toEqual([]);
}
