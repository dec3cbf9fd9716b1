import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import script from '#guest/root/hold-frontend-lock.pl';
import type { PackageLock } from '../../base/machine.ts';
import { lockHolder } from '../files/file-locks.ts';
import { resolveInRoot } from '../files/resolve-in-root.ts';
import { cleanEnvironment } from './environment.ts';

/** As the kernel, and so apt and dpkg, calls the process that holds the lock. */
const holderName = 'crossgrade';

/** An earlier crossgrade's holder ends with the dpkg that it is for; it has this time for it. */
const graceMs = 5000;

/**
 * dpkg's frontend lock of a root: as long as it is held, apt and dpkg of others refuse to work and say who holds it. It
 * is on the root's own file, so that those inside see it. Where perl does not run, it cannot be taken; dpkg's other lock
 * is dpkg's own, and holds in any case.
 */
export class FrontendLock {
  readonly #directory: string;
  readonly #perl: string;
  #holder: ChildProcess | undefined;

  /** @param perl of this machine, also for a root in a folder: one that is being replaced may not start */
  constructor(directory: string, perl = '/usr/bin/perl') {
    this.#directory = directory;
    this.#perl = perl;
  }

  async take(): Promise<PackageLock> {
    const deadline = Date.now() + graceMs;
    for (;;) {
      if (this.#isHeld()) return { outcome: 'held' };
      const said = await this.#start();
      if (said.outcome !== 'busy' || !isOurs(said.holder) || Date.now() > deadline) return said;
      await sleep(100);
    }
  }

  /** What our own dpkg has to know. Somebody may have killed the holder: then dpkg takes the lock itself. */
  get environment(): Readonly<Record<string, string>> {
    return this.#isHeld() ? { DPKG_FRONTEND_LOCKED: '1' } : {};
  }

  /** Whoever has this open keeps the lock, also after our death. */
  get keepOpen(): NonNullable<ChildProcess['stdin']> | 'ignore' {
    return (this.#isHeld() ? this.#holder?.stdin : undefined) ?? 'ignore';
  }

  /** Returns when it is free, unless a dpkg that outlives us still has it. */
  async release(): Promise<void> {
    const holder = this.#holder;
    this.#holder = undefined;
    if (!holder || holder.exitCode !== null || holder.signalCode !== null) return;
    holder.ref();
    const ended = once(holder, 'exit');
    holder.stdin?.destroy();
    const timer = new AbortController();
    await Promise.race([ended, sleep(1000, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    holder.unref();
  }

  #isHeld(): boolean {
    return this.#holder !== undefined && this.#holder.exitCode === null && this.#holder.signalCode === null;
  }

  async #start(): Promise<PackageLock> {
    const file = resolveInRoot(this.#directory, '/var/lib/dpkg/lock-frontend', { followLast: true });
    const holder = spawn(this.#perl, ['-e', script, file, holderName], {
      cwd: '/',
      env: cleanEnvironment(),
      // Neither Ctrl-C nor a lost terminal shall let go of it.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stderr = '';
    holder.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    holder.stdin.on('error', () => undefined);
    const said = await new Promise<string>((resolve) => {
      let stdout = '';
      holder.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        if (stdout.endsWith('\n')) resolve(stdout.trim());
      });
      holder.on('error', ({ message }) => resolve(message));
      holder.on('close', () => resolve(stderr.trim() || 'perl has ended without a word'));
    });
    if (said === 'busy') return { outcome: 'busy', holder: whoHolds(file) };
    if (said !== 'held') return { outcome: 'unavailable', why: said };
    holder.stdout.destroy();
    holder.stderr.destroy();
    // None of them shall keep us from ending.
    holder.unref();
    (holder.stdin as { unref?: () => void }).unref?.();
    this.#holder = holder;
    return { outcome: 'held' };
  }
}

function whoHolds(file: Parameters<typeof lockHolder>[0]): string {
  try {
    return lockHolder(file) ?? 'a program that has ended meanwhile';
  } catch {
    return 'another program';
  }
}

function isOurs(holder: string): boolean {
  return holder.startsWith(`${holderName} (`);
}
