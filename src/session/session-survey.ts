/** Who and what else is at work on this host. */
export interface SessionSurvey {
  readonly connection: Connection;
  readonly desktop: Desktop;
  /** Sessions beside our own. */
  readonly logins: readonly Login[];
  /** Programs that work on packages right now. */
  readonly packagePrograms: readonly Process[];
  readonly aptTimers: AptTimers;
}

export interface Connection {
  readonly overSsh: boolean;
  /** In tmux, screen or the like, or by mosh: a connection that breaks does not end the session. */
  readonly survives: boolean;
}

export interface Desktop {
  /** Graphical servers and display managers that run: `Xorg`, `gdm3`; sorted, each once. */
  readonly programs: readonly string[];
  /** We were started from a terminal in it. */
  readonly inside: boolean;
}

export interface Login {
  readonly user: string;
  /** `tty1`, `pts/0 from 192.0.2.7`; '' when not said. */
  readonly where: string;
}

export interface AptTimers {
  /** Those that are waiting: `apt-daily.timer`; on a system without systemd the daily job of cron. */
  readonly active: readonly string[];
  /** apt's periodic settings that are not 0: `Unattended-Upgrade`. */
  readonly settings: readonly string[];
}

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The kernel's name of it, at most 15 characters. */
  readonly name: string;
  readonly words: readonly string[];
  /** It runs in a container on this host, not on the host itself. */
  readonly nested: boolean;
}

/**
 * @param status text of /proc/PID/status
 * @param commandLine text of /proc/PID/cmdline; '' for a thread of the kernel
 * @param ownNamespaces how many pid namespaces we are in ourselves, seen from /proc
 * @returns undefined when it is no such text
 * @see proc(5), /proc/[pid]/status
 */
export function parseProcess(status: string, commandLine: string, ownNamespaces = 1): Process | undefined {
  const field = (name: string): string => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(status)?.[1] ?? '';
  const pid = Number(field('Pid'));
  if (!Number.isInteger(pid) || pid < 1) return undefined;
  return {
    pid,
    parent: Number(field('PPid')),
    name: field('Name'),
    words: commandLine.split('\0').filter((word) => word !== ''),
    nested: namespaceDepth(status) > ownNamespaces,
  };
}

/** In how many pid namespaces a process is, from the one of /proc on. */
export function namespaceDepth(status: string): number {
  return (/^NSpid:\t(.*)$/m.exec(status)?.[1] ?? '1').trim().split(/\s+/).length;
}

/** From the nearest on; a process is not its own ancestor. */
export function ancestors(processes: readonly Process[], pid: number): Process[] {
  const byPid = new Map(processes.map((one) => [one.pid, one]));
  const found: Process[] = [];
  let here = byPid.get(byPid.get(pid)?.parent ?? 0);
  while (here && !found.includes(here)) {
    found.push(here);
    here = byPid.get(here.parent);
  }
  return found;
}

/** Of a program with a lasting session. `tmux: server` is what tmux calls itself. */
const multiplexer = /^(tmux|screen|zellij|dtach|abduco|mosh-server)/i;
/** Since OpenSSH 9.8 a session has a program of its own. */
const sshServer = /^(sshd|dropbear)/;

/**
 * Programs say more than the environment, of which sudo(8) takes away what names ssh; but a session that a
 * multiplexer keeps has lost its ssh server.
 *
 * @param lineage our ancestors, from the nearest on
 * @param environment our own, as in /proc/PID/environ
 * @see ssh(1), ENVIRONMENT; tmux(1); screen(1)
 */
export function readConnection(lineage: readonly Process[], environment: string): Connection {
  const nearest = lineage.find(({ name }) => multiplexer.test(name) || sshServer.test(name));
  if (nearest) {
    const survives = multiplexer.test(nearest.name);
    return { overSsh: !survives || hasVariable(environment, /^SSH_/), survives };
  }
  return {
    overSsh: hasVariable(environment, /^SSH_(CONNECTION|TTY)$/),
    survives: hasVariable(environment, /^(TMUX|STY)$/),
  };
}

const displayManagers = /^(gdm3?|lightdm|sddm|xdm|lxdm|slim|wdm|nodm|greetd|ly)$/;
const graphicalServers =
  /^(Xorg|X|Xwayland|Xvnc|Xtigervnc|gnome-shell|kwin_wayland|kwin_x11|sway|weston|labwc|wayfire|mutter|cinnamon|cage)$/;

/** @see proc(5); x(7), DISPLAY */
export function readDesktop(processes: readonly Process[], lineage: readonly Process[], environment: string): Desktop {
  const graphical = (one: Process): boolean => {
    const program = baseName(one.words[0] ?? one.name);
    return displayManagers.test(program) || graphicalServers.test(program);
  };
  const programs = processes
    .filter((one) => !one.nested && graphical(one))
    .map((one) => baseName(one.words[0] ?? one.name));
  const remote = readConnection(lineage, environment).overSsh;
  const inside = lineage.some(graphical) || hasVariable(environment, /^(DISPLAY|WAYLAND_DISPLAY)$/);
  return { programs: [...new Set(programs)].sort(), inside: inside && !remote };
}

/** Programs that install, remove or configure packages; unattended-upgrades has a daemon that only waits. */
const packagePrograms =
  /^(apt|apt-get|aptitude|dpkg|unattended-upgrades?|apt\.systemd\.daily|packagekitd|synaptic|crossgrader|dselect|tasksel)$/;
const interpreters = /^(python[\d.]*|perl|sh|dash|bash)$/;

/**
 * @param own our own process: what it started is no other program
 * @see unattended-upgrade(8); apt-get(8); packagekitd(8)
 */
export function readPackagePrograms(processes: readonly Process[], own: number): Process[] {
  const ours = (one: Process): boolean =>
    one.pid === own || ancestors(processes, one.pid).some(({ pid }) => pid === own);
  const lineage = new Set(ancestors(processes, own).map(({ pid }) => pid));
  return processes.filter(
    (one) => !one.nested && !lineage.has(one.pid) && packagePrograms.test(programOf(one)) && !ours(one),
  );
}

/** The script, where an interpreter runs one. */
export function programOf({ words, name }: Process): string {
  const [first = name, ...rest] = words;
  const script = rest.find((word) => !word.startsWith('-'));
  return interpreters.test(baseName(first)) && script !== undefined ? baseName(script) : baseName(first);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function hasVariable(environment: string, name: RegExp): boolean {
  return environment.split('\0').some((entry) => name.test(entry.slice(0, Math.max(0, entry.indexOf('=')))));
}

/**
 * @param text what `loginctl show-session ID…` prints: properties, an empty line between two sessions
 * @param own our own session; '' when we have none
 * @see loginctl(1); sd_session_get_class(3)
 */
export function parseSessions(text: string, own: string): Login[] {
  return text.split(/\n\n+/).flatMap((block) => {
    const fields = new Map(
      block.split('\n').map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
    );
    const field = (name: string): string => fields.get(name) ?? '';
    // Greeters of a display manager, and what systemd runs for a user, are nobody's work.
    const isPerson = field('Class').startsWith('user') && field('State') !== 'closing';
    if (!isPerson || field('Name') === '' || field('Id') === own) return [];
    const place = field('TTY') || field('Display') || field('Service');
    const from = field('RemoteHost') === '' ? '' : `from ${field('RemoteHost')}`;
    return [{ user: field('Name'), where: [place, from].filter((part) => part !== '').join(' ') }];
  });
}

/**
 * @param text what who(1) prints
 * @param ownTerminal `pts/0`
 */
export function parseWho(text: string, ownTerminal: string): Login[] {
  return text.split('\n').flatMap((line) => {
    const [user = '', terminal = ''] = line.split(/\s+/);
    const host = /\(([^()]+)\)\s*$/.exec(line)?.[1];
    if (user === '' || terminal === '' || terminal === ownTerminal) return [];
    return [{ user, where: host === undefined ? terminal : `${terminal} from ${host}` }];
  });
}

/**
 * @param text what `systemctl show --property=Id,ActiveState UNIT…` prints
 * @returns names of those that are active, sorted
 */
export function parseActiveUnits(text: string): string[] {
  return text
    .split(/\n\n+/)
    .filter((block) => /^ActiveState=(active|activating)$/m.test(block))
    .map((block) => /^Id=(.+)$/m.exec(block)?.[1] ?? '')
    .filter((name) => name !== '')
    .sort();
}

/**
 * @param text what `apt-config dump --format '%f=%v%n' APT::Periodic` prints
 * @returns settings that make apt's daily job do something
 * @see /usr/lib/apt/apt.systemd.daily
 */
export function parsePeriodicSettings(text: string): string[] {
  const values = new Map(
    text.split('\n').map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
  if (values.get('APT::Periodic::Enable') === '0') return [];
  return [
    'Update-Package-Lists',
    'Download-Upgradeable-Packages',
    'Unattended-Upgrade',
    'AutocleanInterval',
    'CleanInterval',
  ].filter((name) => !/^(0[smhd]?|)$/.test(values.get(`APT::Periodic::${name}`) ?? ''));
}
