import { expect, test } from 'vitest';
import { isStopWanted } from '../../../src/state/system/stop-wanted.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

/** A host whose systemd says so of itself. */
class Host extends MemoryMachine {
  readonly #state: string;
  constructor(state: string) {
    super(['live', 'init', 'boot', 'network']);
    this.#state = state;
  }
  override async run(argv: readonly string[]) {
    const result = await super.run(argv);
    return argv.join(' ') === 'systemctl is-system-running' ? { ...result, stdout: `${this.#state}\n` } : result;
  }
}

test.each([
  ['SIGINT', 'running', true],
  ['SIGINT', 'stopping', true],
  ['SIGTERM', 'running', true],
  ['SIGTERM', 'degraded', true],
  ['SIGTERM', 'stopping', false],
  ['SIGTERM', '', false],
  ['SIGHUP', 'running', false],
])('%s on a host that is “%s”: somebody wants the run to stop: %s', async (signal, state, wanted) => {
  expect(await isStopWanted(new Host(state), signal)).toBe(wanted);
});

test('systemd that gives no answer is asked again', async () => {
  const host = new Host('running');
  const run = host.run.bind(host);
  let silent = 2;
  host.run = async (argv) =>
    silent-- > 0 ? { exitCode: 1, stdout: '', stderr: 'Connection reset by peer' } : run(argv);
  expect(await isStopWanted(host, 'SIGTERM')).toBe(true);
});

test('where systemd is not the first process, only Ctrl-C is the wish of somebody', async () => {
  expect(await isStopWanted(new MemoryMachine(), 'SIGTERM')).toBe(false);
  expect(await isStopWanted(new MemoryMachine(), 'SIGINT')).toBe(true);
});
