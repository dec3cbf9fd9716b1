import { expect, test } from 'vitest';
import { download } from '../../../src/apt/system/download.ts';
import type { LongCommand, ProcessHandle } from '../../../src/base/machine.ts';
import type { Performance } from '../../../src/state/system/performance.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

/** apt is at work until somebody ends it. */
function fetching() {
  const machine = new MemoryMachine();
  const commands: LongCommand[] = [];
  const ended: ProcessHandle[] = [];
  const handle = { pid: 4711, startTicks: '1' };
  Object.assign(machine, {
    async start(command: LongCommand) {
      commands.push(command);
      return handle;
    },
    async wait(_: ProcessHandle, __: string, ___: number, tick: () => Promise<void>) {
      while (ended.length === 0) await tick();
    },
    async end(one: ProcessHandle) {
      ended.push(one);
    },
  });
  return { machine, commands, ended, handle };
}

function perform(machine: MemoryMachine, observe: () => void, interruption: { requested: boolean }): Promise<void> {
  const context = { facts: { sourceFiles: {} } };
  const performance = { machine, context, step: 'prepare/download-archives', observe, interruption };
  return download(performance as unknown as Performance, []);
}

test('a download that is interrupted leaves no apt at work, and is no failure', async () => {
  const { machine, commands, ended, handle } = fetching();
  const interruption = { requested: false };
  let looks = 0;
  await perform(
    machine,
    () => {
      looks += 1;
      interruption.requested = looks === 3;
    },
    interruption,
  );
  expect(ended).toEqual([handle]);
  // Nothing keeps the host from being shut down meanwhile: no package is touched.
  expect(commands).toMatchObject([{ mayBeCutShort: true }]);
});

test('a download that can be followed no longer leaves none either', async () => {
  const { machine, ended, handle } = fetching();
  const failing = () => {
    throw new Error('the disk is broken');
  };
  await expect(perform(machine, failing, { requested: false })).rejects.toThrow('the disk is broken');
  expect(ended).toEqual([handle]);
});
