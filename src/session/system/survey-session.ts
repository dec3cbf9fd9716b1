import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import type { Look } from '../../base/system/careful.ts';
import type { Unseen } from '../../base/unseen.ts';
import {
  type AptTimers,
  ancestors,
  type Login,
  namespaceDepth,
  type Process,
  parseActiveUnits,
  parsePeriodicSettings,
  parseProcess,
  parseSessions,
  parseWho,
  readConnection,
  readDesktop,
  readPackagePrograms,
  type SessionSurvey,
} from '../session-survey.ts';

/** Looks at who and what else is at work on this host. Only for a host: a root in a folder has no sessions. */
export async function surveySession(machine: Machine, unseen: Unseen[], look: Look): Promise<SessionSurvey> {
  const status = await look('our own process', () => machine.readTextIfThere('/proc/self/status'), undefined);
  const own = parseProcess(status ?? '', '')?.pid ?? 0;
  const environment = await look('our environment', () => machine.readTextIfThere('/proc/self/environ'), undefined);
  const processes = await readProcesses(machine, namespaceDepth(status ?? ''), look);
  // proc(5), hidepid: the first process is there, whoever may see it.
  if (own > 0 && !processes.some(({ pid }) => pid === 1)) {
    unseen.push({ what: 'programs of other users', why: 'they are hidden from us: run as root' });
  }
  const lineage = ancestors(processes, own);
  return {
    connection: readConnection(lineage, environment ?? ''),
    desktop: readDesktop(processes, lineage, environment ?? ''),
    logins: await readLogins(machine, environment ?? '', look),
    packagePrograms: readPackagePrograms(processes, own),
    aptTimers: await readAptTimers(machine, look),
  };
}

async function readProcesses(machine: Machine, ownDepth: number, look: Look): Promise<Process[]> {
  const names = await look('the running programs', () => machine.list('/proc'), []);
  const processes: Process[] = [];
  for (const name of names.filter((one) => /^\d+$/.test(one))) {
    const folder: RootPath = `/proc/${name}`;
    const process = parseProcess(
      (await readPassing(machine, `${folder}/status`)) ?? '',
      (await readPassing(machine, `${folder}/cmdline`)) ?? '',
      ownDepth,
    );
    if (process) processes.push(process);
  }
  return processes;
}

/** A program may end while we look at it, and the kernel has several words for that. */
async function readPassing(machine: Machine, path: RootPath): Promise<string | undefined> {
  try {
    return await machine.readTextIfThere(path);
  } catch {
    return undefined;
  }
}

async function readLogins(machine: Machine, environment: string, look: Look): Promise<Login[]> {
  const sessions = await machine.run(['loginctl', 'list-sessions', '--no-legend', '--no-pager']);
  if (sessions.exitCode === 0) {
    const ids = sessions.stdout.split('\n').flatMap((line) =>
      line
        .trim()
        .split(/\s+/, 1)
        .filter((id) => id !== ''),
    );
    if (ids.length === 0) return [];
    const properties = ['Id', 'Name', 'Class', 'State', 'TTY', 'Display', 'Service', 'RemoteHost'];
    const shown = await machine.run([
      'loginctl',
      'show-session',
      ...properties.map((name) => `--property=${name}`),
      ...ids,
    ]);
    return parseSessions(shown.stdout, await ownSession(machine, environment, look));
  }
  const who = await machine.run(['who']);
  const terminal = await look('our terminal', () => machine.readLink('/proc/self/fd/0'), '');
  return parseWho(who.stdout, terminal.replace(/^\/dev\//, ''));
}

/** sudo(8) may take the variable away, but not the control group that the session began in. */
async function ownSession(machine: Machine, environment: string, look: Look): Promise<string> {
  const group = await look('our session', () => machine.readTextIfThere('/proc/self/cgroup'), undefined);
  return (
    /\/session-([^./]+)\.scope/.exec(group ?? '')?.[1] ?? /(?:^|\0)XDG_SESSION_ID=([^\0]*)/.exec(environment)?.[1] ?? ''
  );
}

async function readAptTimers(machine: Machine, look: Look): Promise<AptTimers> {
  const periodic = await machine.run(['apt-config', 'dump', '--format', '%f=%v%n', 'APT::Periodic']);
  const settings = parsePeriodicSettings(periodic.stdout);
  const timers = ['apt-daily.timer', 'apt-daily-upgrade.timer'];
  const units = await machine.run(['systemctl', 'show', '--no-pager', '--property=Id,ActiveState', ...timers]);
  if (units.exitCode === 0) return { active: parseActiveUnits(units.stdout), settings };
  // The job gives way to the timers where systemd runs.
  const job = '/etc/cron.daily/apt-compat';
  return { active: (await look(job, () => machine.exists(job), false)) ? [job] : [], settings };
}
