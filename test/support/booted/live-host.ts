import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunEvent } from '../../../src/run/event.ts';
import { type FreshRoot, freshRoot, type RootRecipe } from '../roots/roots.ts';
import { type Booted, boot } from './booted.ts';

/** As little as a host can be that somebody logs in to: small, so that it can be crossgraded many times. */
export const smallHost: RootRecipe = {
  suite: 'bookworm',
  packages: ['cron', 'dbus', 'libpam-systemd', 'openssh-server', 'systemd-sysv'],
};

const execute = promisify(execFile);

/** The package, built from this source; `dispose` removes it. */
export async function buildDeb(): Promise<{ readonly deb: string; dispose(): void }> {
  const work = mkdtempSync(join(tmpdir(), 'crossgrade-deb-'));
  const env = { ...process.env, CROSSGRADE_DEB_COMPRESSION: '-Zgzip -z1' };
  const { stdout } = await execute('bash', ['scripts/deb.sh', work], { env });
  return { deb: stdout.trimEnd(), dispose: () => rmSync(work, { recursive: true }) };
}

export interface LiveHost {
  readonly root: FreshRoot;
  readonly booted: Booted;
  dispose(): Promise<void>;
}

/** A host that is up, with the package installed. */
export async function liveHost(recipe: RootRecipe, deb: string): Promise<LiveHost> {
  const root = await freshRoot(recipe);
  const booted = await boot(root);
  const dispose = async () => {
    await booted.close();
    await root.dispose();
  };
  try {
    await booted.isSystemRunning();
    await booted.mustExec(['apt-get', 'update']);
    await booted.install(deb);
    return { root, booted, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Where the journal of a run can be read from. */
export interface LiveJournal {
  /** '' when there is none yet. */
  readJournal(): Promise<string>;
}

export function journalOf(booted: Booted): LiveJournal {
  return { readJournal: () => booted.readFile('/var/lib/crossgrade/journal.jsonl').catch(() => '') };
}

/** What the run has written to its journal so far; complete lines only. */
export async function eventsIn(journal: LiveJournal): Promise<RunEvent[]> {
  return (await journal.readJournal())
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as RunEvent];
      } catch {
        // A power cut has cut it.
        return [];
      }
    });
}

export async function lastEvent(journal: LiveJournal): Promise<RunEvent | undefined> {
  return (await eventsIn(journal)).at(-1);
}

/** Waits until the run has come so far. */
export async function waitForLiveEvent(
  journal: LiveJournal,
  wanted: (event: RunEvent) => boolean,
  limitMs = 600_000,
): Promise<RunEvent> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const events = await eventsIn(journal);
    const found = events.find(wanted);
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Not reached: ${JSON.stringify(events.slice(-5), undefined, 2)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** @returns what is not as it shall be after a crossgrade that has come to its end; empty when all is well */
export async function leftUndone(booted: Booted): Promise<string[]> {
  const { stdout: native } = await booted.exec(['dpkg', '--print-architecture']);
  const { stdout: foreign } = await booted.exec(['dpkg', '--print-foreign-architectures']);
  const { stdout: packages } = await booted.exec([
    'dpkg-query',
    '-W',
    '-f',
    '${Architecture} ${Package} ${db:Status-Abbrev}\n',
  ]);
  const { stdout: audit } = await booted.exec(['dpkg', '--audit']);
  const { exitCode: check } = await booted.exec(['apt-get', 'check']);
  const { stdout: verify, exitCode: verified } = await booted.exec(['crossgrade', 'verify']);
  const leavings = [
    '/etc/apt/apt.conf.d/00crossgrade-guard',
    '/etc/motd.d',
    '/etc/systemd/system/multi-user.target.wants/crossgrade.service',
    '/var/lib/crossgrade/runtime',
    '/var/lib/crossgrade/units-paused',
    '/var/cache/crossgrade',
  ];
  const left: string[] = [];
  for (const path of leavings) if ((await booted.exec(['test', '-e', path])).exitCode === 0) left.push(path);
  return [
    ...(native === 'amd64\n' ? [] : [`dpkg is ${native}`]),
    ...(foreign === '' ? [] : [`foreign: ${foreign}`]),
    ...packages.split('\n').filter((line) => line !== '' && !/^(amd64|all) \S+ [ih]i $/.test(line)),
    ...(audit === '' ? [] : [audit]),
    ...(check === 0 ? [] : ['apt-get check complains']),
    ...(verified === 0 ? [] : [verify]),
    ...left,
  ];
}
