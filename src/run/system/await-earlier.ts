import type { EarlierProgram, Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import type { Interruption } from '../../state/system/interruption.ts';
import type { StateStore } from '../../state/system/state-store.ts';
import type { Observer } from '../event.ts';

const pollMs = 250;

/**
 * Waits for what an earlier process of ours had started and did not see the end of. The state file need not know of
 * it: between the start of a program and the note of it there is a moment, too.
 *
 * @returns false when somebody wants us to stop, and what is still at work goes on without us
 */
export async function awaitEarlier(
  machine: Machine,
  store: StateStore,
  firstStep: string,
  observe: Observer,
  interruption: Interruption,
): Promise<boolean> {
  const { running } = store.state;
  const step = running?.step ?? firstStep;
  let told = '';
  const tell = (text: string): void => {
    if (text !== told) observe({ type: 'step-message', step, text });
    told = text;
  };
  if (running && (await machine.isAlive(running.process))) {
    tell(`dpkg is still at work on ${running.batch}: waiting for process ${running.process.pid}`);
    // Who stops waits for the end of a dpkg call, whoever has started it.
    await machine.wait(running.process, running.exitFile as RootPath, pollMs, () => undefined);
  }
  // In a root in a folder a program would be ended with the namespaces that we close.
  const mayGoOnAlone = machine.root.kind === 'host';
  const ended = await machine.waitForEarlier(pollMs, (atWork) => {
    tell(`The interrupted run has left programs at work: waiting for ${nameEarlier(atWork)}`);
    return !(mayGoOnAlone && interruption.requested);
  });
  if (running) {
    await store.update({ running: null });
  }
  return ended;
}

/** What is waited for, for somebody who looks whether that makes sense. */
export function nameEarlier(atWork: readonly EarlierProgram[]): string {
  const [first] = atWork;
  if (!first) return 'nothing';
  const { pid, words } = first;
  const command = words.length > 8 ? `${words.slice(0, 8).join(' ')} …` : words.join(' ');
  return `process ${pid} (${command})${atWork.length > 1 ? ` and ${atWork.length - 1} more` : ''}`;
}
