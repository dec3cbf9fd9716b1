import type { Difference, PartComparison } from '../base/difference.ts';
import { shellWord, shellWords } from '../base/shell-word.ts';
import type { Plan } from '../plan/plan.ts';
import type { ListeningSocket, Services, Unit } from './services.ts';

/** What a comparison of services has to know beside the two records. */
export interface ServicesContext {
  readonly plan: Plan;
  /** Units that stand still until their data has been imported. */
  readonly held: ReadonlySet<string>;
}

/** Services that ran before and do not run now, and that nothing but a failure keeps from it: to be started. */
export function servicesToStart(before: Services, now: Services, { held }: Pick<ServicesContext, 'held'>): string[] {
  const today = byName(now.units);
  return before.units
    .filter(({ name, state }) => state === 'active' && !held.has(name))
    .filter((unit) => {
      const current = today.get(unit.name);
      return current !== undefined && current.state !== 'active' && !mayRest(unit, current);
    })
    .map(({ name }) => name);
}

/** What ran before, what runs now; units and what is started at boot. */
export function compareServices(before: Services, now: Services, context: ServicesContext): PartComparison {
  const today = byName(now.units);
  const was = byName(before.units);
  const count = ({ units }: Services, state: Unit['state']): string =>
    String(
      units.filter((unit) => unit.state === state && (state !== 'active' || unit.name.endsWith('.service'))).length,
    );
  return {
    rows: [
      { label: 'services that run', before: count(before, 'active'), after: count(now, 'active') },
      { label: 'units that have failed', before: count(before, 'failed'), after: count(now, 'failed') },
    ],
    differences: [
      ...before.units.flatMap((unit) => compareUnit(unit, today.get(unit.name), now, context)),
      ...now.units.filter(({ name, state }) => state === 'failed' && !was.has(name)).map(({ name }) => failed(name)),
      ...now.units.flatMap((unit) => newlyRunning(unit, was.get(unit.name), before, now, context)),
      ...compareUnitFiles(before, now, context),
    ],
  };
}

function compareUnit(
  unit: Unit,
  current: Unit | undefined,
  now: Services,
  { plan, held }: ServicesContext,
): Difference[] {
  const ran = unit.state === 'active';
  if (ran && held.has(unit.name)) {
    return [{ what: `${unit.name} stands still`, explanation: 'its data is not imported yet: see there' }];
  }
  if (current === undefined) return ran ? notThere(unit, unit.name in now.unitFiles, plan) : [];
  if (current.state === 'failed') return unit.state === 'failed' ? [] : [failed(unit.name)];
  if (ran && current.state === 'inactive') return mayRest(unit, current) ? [] : [stopped(unit.name)];
  return [...compareProgram(unit, current, plan), ...lostDropIns(unit, current)];
}

/** systemd has not loaded the unit, or does not know it any more. */
function notThere(unit: Unit, isKnown: boolean, plan: Plan): Difference[] {
  const change = plan.changes.find((one) => one.name === packageName(unit));
  if (!isKnown && change?.change === 'vanishing') {
    return [{ what: `${unit.name} is gone`, explanation: `${change.name} went: ${change.reason}` }];
  }
  if (mayRest(unit, undefined)) return [];
  return [isKnown ? stopped(unit.name) : { what: `${unit.name} is gone; it ran before`, explanation: null }];
}

function stopped(name: string): Difference {
  return {
    what: `${name} does not run; it did before`,
    explanation: null,
    command: shellWords(['systemctl', 'start', name]),
  };
}

function failed(name: string): Difference {
  return { what: `${name} has failed`, explanation: null, command: shellWords(['systemctl', 'restart', name]) };
}

/** What is done comes to its end, and what something starts rests until then. */
function mayRest(unit: Unit, current: Unit | undefined): boolean {
  if (current?.state === 'failed') return false;
  return unit.onDemand || (unit.passing && (current === undefined || current.unwanted || isOfBoot(unit)));
}

/** Done once at each boot, by systemd's own programs; what is to be done depends on the kernel. */
function isOfBoot({ name }: Unit): boolean {
  return name.startsWith('systemd-');
}

function compareProgram(unit: Unit, current: Unit, plan: Plan): Difference[] {
  const { name, program, version } = unit;
  if (unit.state !== 'active') return [];
  if (program !== current.program) {
    return [
      {
        what: `${name} starts ${current.program ?? 'no program'} now, and ${program ?? 'none'} before`,
        explanation: null,
      },
    ];
  }
  if (version === current.version) return [];
  const change = plan.changes.find((one) => one.name === packageName(current) || one.name === packageName(unit));
  const planned = change?.after?.version === current.version && change?.before?.version === version;
  return [
    {
      what: `${name} starts ${program} of ${current.package ?? 'no package'} ${current.version ?? ''}, before of ${unit.package ?? 'no package'} ${version ?? ''}`,
      explanation: planned ? (change?.reason ?? null) : null,
    },
  ];
}

function lostDropIns(unit: Unit, current: Unit): Difference[] {
  return unit.dropIns
    .filter((path) => !current.dropIns.includes(path))
    .map((path) => ({ what: `${path} no longer adds to ${unit.name}`, explanation: null }));
}

const startsAtBoot = new Set(['enabled', 'enabled-runtime', 'generated']);

function newlyRunning(
  unit: Unit,
  was: Unit | undefined,
  before: Services,
  now: Services,
  { plan }: ServicesContext,
): Difference[] {
  const { name, state, passing, onDemand } = unit;
  const rebooted = before.bootId !== now.bootId;
  if (state !== 'active' || passing || onDemand || (was !== undefined && was.state === 'active')) return [];
  // Somebody asks for such a one, by the bus or from another unit: whenever he likes.
  const setting = now.unitFiles[name] ?? '';
  if (!startsAtBoot.has(setting) && setting !== 'disabled') return [];
  const what = `${name} runs; it did not before`;
  const change = plan.changes.find((one) => one.name === packageName(unit));
  if (change?.change === 'added') return [{ what, explanation: `${change.name} came: ${change.reason}` }];
  if (was?.state === 'failed')
    return [{ what: `${name} runs; it had failed before`, explanation: 'it was started anew' }];
  if (rebooted && startsAtBoot.has(before.unitFiles[name] ?? '')) {
    return [{ what, explanation: 'it is started at each boot' }];
  }
  return [{ what, explanation: null, command: shellWords(['systemctl', 'stop', name]) }];
}

const settings: Readonly<Record<string, string>> = {
  enabled: 'enable',
  'enabled-runtime': 'enable --runtime',
  disabled: 'disable',
  masked: 'mask',
  'masked-runtime': 'mask --runtime',
};

/** Those that somebody can set; of a unit that is gone, only what it was set to counts. */
function compareUnitFiles(before: Services, now: Services, { plan }: ServicesContext): Difference[] {
  return Object.entries(before.unitFiles).flatMap(([name, was]): Difference[] => {
    const is = now.unitFiles[name];
    if (is === was || !(was in settings)) return [];
    if (is === undefined) {
      const owner = before.units.find((unit) => unit.name === name);
      // That a unit which nothing started is gone with its package is said of the package.
      if (was === 'disabled' || owner?.state === 'active') return [];
      const change = plan.changes.find((one) => owner && one.name === packageName(owner));
      const went = plan.changes.some((one) => one.change === 'vanishing');
      if (change?.change === 'vanishing' || (owner === undefined && went)) return [];
      return [{ what: `${name} is gone; it was ${was}`, explanation: null }];
    }
    return [
      {
        what: `${name} is ${is}; it was ${was}`,
        explanation: null,
        command: `systemctl ${settings[was]} ${shellWord(name)}`,
      },
    ];
  });
}

/** Who listens where. A port that the kernel has chosen is another one each time. */
export function compareSockets(before: Services, now: Services): PartComparison {
  const keys = ({ sockets = [], anyPorts }: Services) => new Map(sockets.map((one) => [keyOf(one, anyPorts), one]));
  const [was, is] = [keys(before), keys(now)];
  const label = 'listening addresses';
  if (before.sockets === undefined || now.sockets === undefined) {
    return { rows: [{ label, before: 'not looked at', after: 'not looked at' }], differences: [] };
  }
  return {
    rows: [{ label, before: String(was.size), after: String(is.size) }],
    differences: [
      ...[...was].flatMap(([key, socket]): Difference[] => {
        const current = is.get(key);
        if (current === undefined) {
          return [{ what: `nobody listens on ${describe(socket)}; before: ${namesOf(socket)}`, explanation: null }];
        }
        // As an ordinary user, or without the rights to look, nobody is named.
        if (socket.programs.length === 0 || current.programs.length === 0) return [];
        return socket.programs.some((program) => current.programs.includes(program))
          ? []
          : [
              {
                what: `${namesOf(current)} listens on ${describe(socket)}; before: ${namesOf(socket)}`,
                explanation: null,
              },
            ];
      }),
      ...[...is]
        .filter(([key]) => !was.has(key))
        .map(([, socket]) => ({
          what: `${namesOf(socket)} listens on ${describe(socket)}; nobody did before`,
          explanation: null,
        })),
    ],
  };
}

function keyOf({ protocol, address, device, port, programs }: ListeningSocket, [first, last]: Services['anyPorts']) {
  const chosen = port >= first && port <= last;
  return JSON.stringify([protocol, address, device, chosen ? programs : port]);
}

function describe({ protocol, address, device, port }: ListeningSocket): string {
  const shown = address.includes(':') ? `[${address}]` : address;
  return `${shown}${device === undefined ? '' : `%${device}`}:${port}/${protocol}`;
}

function namesOf({ programs }: ListeningSocket): string {
  return programs.join(', ') || 'a program that is not named';
}

function byName(units: readonly Unit[]): Map<string, Unit> {
  return new Map(units.map((unit) => [unit.name, unit]));
}

function packageName(unit: Unit): string | undefined {
  return unit.package?.split(':')[0];
}
