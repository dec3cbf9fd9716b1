import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { journalFile } from '../../src/base/own-paths.ts';
import { commandLine, processIds } from '../../src/machine/programs/processes.ts';
import type { RunEvent } from '../../src/run/event.ts';
import { freshRoot } from '../support/roots/roots.ts';
import { markSome } from '../support/runs/conversion.ts';
import {
  bundle,
  crossgrade,
  dpkgIn,
  type Ending,
  prepare,
  startCrossgrade,
  tail,
  untilQuiet,
  withRoot,
} from '../support/runs/faults.ts';
import { differencesFrom, type Undisturbed, undisturbed } from '../support/runs/kills.ts';

let expected: Undisturbed;

beforeAll(async () => {
  expected = await undisturbed(await prepare('bookworm-minimal', markSome));
});

afterAll(() => expected?.origin.dispose());

const isBatch = (wave: string) => (event: RunEvent) => event.type === 'batch-started' && event.wave === wave;

/** dpkg has come to its end by itself, and nobody is at work any more. */
function expectCleanStop(ending: Ending, directory: string): void {
  expect(ending, tail(ending)).toMatchObject({ code: 130, signal: null });
  expect(readFileSync(join(directory, 'var/lib/crossgrade/dpkg-exit'), 'utf8')).toBe('0\n');
  expect(readFileSync(join(directory, 'var/lib/dpkg/status'), 'utf8')).not.toMatch(/^Status: .*(reinstreq|half)/m);
  expect(existsSync(join(directory, 'usr/sbin/policy-rc.d'))).toBe(false);
}

describe('a signal', () => {
  test('stops the run after the dpkg call at hand, and resume goes on', () =>
    withRoot(expected.origin, async ({ directory }) => {
      for (const [signal, wave] of [
        ['SIGINT', 'libraries'],
        ['SIGTERM', 'core'],
        ['SIGHUP', 'purge'],
      ] as const) {
        const working = startCrossgrade(directory, ['resume']);
        await working.until(isBatch(wave));
        await sleep(300);
        const soFar = working.events.length;
        process.kill(working.pid, signal);
        const ending = await working.ended;
        expectCleanStop(ending, directory);
        expect(ending.events.at(-1)).toMatchObject({ type: 'run-stopped', reason: 'interrupted' });
        expect(ending.events.slice(soFar).filter((event) => event.type === 'batch-started')).toEqual([]);
      }
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 0 });
      expect(await differencesFrom(expected, directory)).toEqual([]);
    }));

  test('from the keyboard reaches dpkg as little as the run’s end does', () =>
    withRoot(expected.origin, async ({ directory }) => {
      const terminal = onTerminal(['resume', '--yes', '--root', directory]);
      await untilDpkg(directory);
      terminal.type('\x03');
      const { code, text } = await terminal.ended;
      expectCleanStop({ code, signal: null, events: [], text, seconds: 0 }, directory);
      expect(text).toContain('crossgrade resume');

      const again = onTerminal(['resume', '--yes', '--root', directory]);
      await untilDpkg(directory);
      // Impatient: it stays a clean stop.
      again.type('\x03');
      await sleep(100);
      again.type('\x03');
      expectCleanStop({ ...(await again.ended), signal: null, events: [], seconds: 0 }, directory);

      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 0 });
      expect(await differencesFrom(expected, directory)).toEqual([]);
    }));

  test('of a lost terminal is one, too', () =>
    withRoot(expected.origin, async ({ directory }) => {
      const terminal = onTerminal(['resume', '--yes', '--root', directory]);
      await untilDpkg(directory);
      terminal.lose();
      await untilEnded(directory);
      await untilQuiet(directory);
      const journal = readFileSync(join(directory, journalFile), 'utf8').trimEnd().split('\n');
      expect(JSON.parse(journal.at(-1) ?? '')).toMatchObject({ type: 'run-stopped', reason: 'interrupted' });
      expectCleanStop({ code: 130, signal: null, events: [], text: '', seconds: 0 }, directory);
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 0 });
      expect(await differencesFrom(expected, directory)).toEqual([]);
    }));

  test('ends a download at once, and what was fetched is kept', async () => {
    const root = await freshRoot('bookworm-minimal');
    try {
      const slow = join(root.directory, 'etc/apt/apt.conf.d/zz-slow');
      writeFileSync(slow, 'Acquire::http::Dl-Limit "2000";\nAcquire::https::Dl-Limit "2000";\n');
      const working = startCrossgrade(root.directory, ['run', '--yes', '--until', 'prepare']);
      await working.until((event) => event.type === 'step-progress' && event.progress.done > 3_000_000);
      const asked = Date.now();
      process.kill(working.pid, 'SIGINT');
      const ending = await working.ended;
      expect(ending, tail(ending)).toMatchObject({ code: 130 });
      expect(Date.now() - asked).toBeLessThan(5000);
      rmSync(slow);
      const again = startCrossgrade(root.directory, ['resume', '--until', 'prepare']);
      const progress = await again.until((event) => event.type === 'step-progress');
      expect(progress).toMatchObject({ progress: { activity: 'download' } });
      expect(progress.type === 'step-progress' && progress.progress.done).toBeGreaterThan(0);
      expect(await again.ended).toMatchObject({ code: 0 });
    } finally {
      await root.dispose();
    }
  });
});

test('a reader that goes away does not stop the run', () =>
  withRoot(expected.origin, async ({ directory }) => {
    const child = spawn(process.execPath, [bundle(), 'resume', '--root', directory, '--output', 'json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.once('data', () => {
      child.stdout.destroy();
      child.stderr.destroy();
    });
    const code = await new Promise((resolve) => {
      child.on('exit', resolve);
    });
    expect(code).toBe(0);
    expect(await differencesFrom(expected, directory)).toEqual([]);
  }));

interface Terminal {
  readonly ended: Promise<{ readonly code: number | null; readonly text: string }>;
  type(keys: string): void;
  /** As when a connection is lost. */
  lose(): void;
}

/** A crossgrade on a terminal of its own, in its foreground, made by script(1). */
function onTerminal(words: readonly string[]): Terminal {
  const command = ['exec', process.execPath, bundle(), ...words].join(' ');
  const child: ChildProcess = spawn('script', ['-q', '-f', '-e', '-c', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'xterm', SHELL: '/bin/sh' },
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return {
    ended: new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, text }));
    }),
    type: (keys) => child.stdin?.write(keys),
    lose: () => child.kill('SIGKILL'),
  };
}

async function untilDpkg(directory: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!dpkgIn(directory)) {
    if (Date.now() > deadline) throw new Error('No dpkg was started: does it wait for an answer?');
    await sleep(20);
  }
  await sleep(300);
}

async function untilEnded(directory: string): Promise<void> {
  const isOurs = (pid: number) => {
    const words = commandLine(pid) ?? [];
    return words[1] === bundle() && words.includes(directory);
  };
  while (processIds().some(isOurs)) await sleep(100);
}
