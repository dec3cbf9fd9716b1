import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { programMark } from '../../../src/base/machine.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { asUser } from '../../../src/base/system/others-folder.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { hostPrograms, ownMark } from '../../../src/machine/programs/host-programs.ts';
import { isProcessAlive, processHandle, sessionOf } from '../../../src/machine/programs/processes.ts';
import { noGuard } from '../../../src/machine/programs/shutdown-guard.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';

/** The running system, for a crossgrade that another one has left programs to; all that is written is in a folder. */
let folder: string;
let machine: ReturnType<typeof realMachine>;
const daemons: number[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'host-programs-'));
  const opened = await openRoot('/', { access: 'read' });
  machine = realMachine({
    ...opened,
    access: 'write',
    takenOver: true,
    programs: hostPrograms,
    environment: ownMark,
    volatileFolder: { inRoot: at('volatile'), onHost: at('volatile') },
    guard: noGuard,
  });
  await opened.close();
  // What starts programs is loaded with the first one.
  await machine.run(['true']);
});

afterEach(() => {
  for (const pid of daemons.splice(0)) if (processHandle(pid)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

function at(name: string): RootPath {
  return join(folder, name) as RootPath;
}
const start = (script: string, environment?: Record<string, string>) =>
  machine.start({
    argv: ['sh', '-c', script],
    logFile: at('log'),
    exitFile: at('exit'),
    ...(environment && { environment }),
  });

/** What a maintainer script does to have a service run where systemd is not the first process. */
const startsDaemon = () => `setsid sh -c 'echo $$ > ${at('pid')}; exec sleep 300' > /dev/null 2>&1 < /dev/null &`;

async function daemon(): Promise<number> {
  await vi.waitUntil(() => existsSync(at('pid')) && readFileSync(at('pid'), 'utf8') !== '', { timeout: 5000 });
  const pid = Number(readFileSync(at('pid'), 'utf8'));
  daemons.push(pid);
  return pid;
}

test('what hides programs from a long program is gone with it, for the daemons that it has left', async () => {
  const script = 'command -v sleep; echo "<$CROSSGRADE_MASKED>"';
  const masked = ['/usr/bin/sleep'] as const;
  const handle = await machine.start({ argv: ['sh', '-c', script], logFile: at('log'), exitFile: at('exit'), masked });
  await machine.wait(handle, at('exit'), 20, () => undefined);
  expect(readFileSync(at('log'), 'utf8')).toMatch(/\/volatile\/masked-\w+\/sleep\n<>\n$/);
  expect(readdirSync(at('volatile'))).toEqual([]);
});

describe('waiting for what an earlier crossgrade has started on the running system', () => {
  test('ends with a long program, and not with the daemons that it leaves behind', async () => {
    const handle = await start(`${startsDaemon()} sleep 1`);
    const pid = await daemon();
    expect(sessionOf(pid)).toBe(pid);
    const told: unknown[] = [];
    const ended = await machine.waitForEarlier(50, (atWork) => {
      told.push(...atWork);
      // It would never end.
      return told.length < 200;
    });
    expect(ended).toBe(true);
    expect(told[0]).toEqual({ pid: handle.pid, words: ['sh', '-c', `${startsDaemon()} sleep 1`] });
    expect(told.every((one) => (one as { pid: number }).pid === handle.pid)).toBe(true);
    expect(processHandle(pid)).toBeDefined();
  });

  test('finds a short program, and one in another folder by what it was asked to do', async () => {
    const short = machine.run(['sleep', '1.5']);
    const argv = ['sleep', '1'];
    const { pid } = await machine.start({ argv, workingDirectory: '/', logFile: at('log'), exitFile: at('exit') });
    const told: unknown[] = [];
    await machine.waitForEarlier(50, (atWork) => {
      told.push(...atWork);
      return true;
    });
    expect(told).toContainEqual({ pid, words: ['sleep', '1'] });
    expect(told).toContainEqual({ pid: expect.any(Number), words: ['sleep', '1.5'] });
    expect((await short).exitCode).toBe(0);
  });

  test('ends when somebody does not want to wait any longer; the program goes on', async () => {
    const handle = await start('sleep 300');
    daemons.push(handle.pid);
    let asked = 0;
    const goOn = () => {
      asked += 1;
      return asked < 3;
    };
    expect(await machine.waitForEarlier(20, goOn)).toBe(false);
    expect(isProcessAlive(handle)).toBe(true);
    await machine.end(handle);
    expect(await machine.waitForEarlier(20, () => false)).toBe(true);
  });

  test('leaves a server alone that was started without the mark', async () => {
    await machine.run(['sh', '-c', startsDaemon()], { environment: { [programMark]: '' } });
    await daemon();
    expect(await machine.waitForEarlier(20, () => false)).toBe(true);
  });

  test('leaves the programs of other users alone, whatever they have in their environment', async () => {
    const as = (words: string[]) => ['setsid', 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...words];
    const words = as(['sh', '-c', 'echo $$; exec sleep 300']);
    const sleeping = spawn(words[0] ?? '', words.slice(1), {
      env: { PATH: process.env.PATH, ...ownMark },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(sleeping.stdout, 'data')) as [Buffer];
    daemons.push(Number(line.toString()));
    expect(sessionOf(daemons[0] ?? 0)).toBe(daemons[0]);
    expect(await machine.waitForEarlier(20, () => false)).toBe(true);
  });

  test('waits for what works as another user, since it is waited for as our own', async () => {
    const argv = asUser({ uid: 65534, gid: 65534 }, ['sleep', '1.5']);
    const working = machine.run(argv);
    await vi.waitUntil(() => hostPrograms().length > 0, { timeout: 3000 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const told: unknown[] = [];
    await machine.waitForEarlier(50, (atWork) => {
      told.push(...atWork);
      return true;
    });
    expect(told.length).toBeGreaterThan(2);
    expect((await working).exitCode).toBe(0);
  });
});
