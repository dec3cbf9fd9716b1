import type { Finding, Remedy } from '../../base/finding.ts';
import { listNames } from '../../base/list-names.ts';
import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import {
  notHere,
  type Outcome,
  outcomeOf,
  packageOfProgram,
  programsOf,
  type Trial,
  trialsOf,
} from '../remedy-trial.ts';

const programFolders: readonly RootPath[] = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];
const archivesOfApt: RootPath = '/var/cache/apt/archives';

/**
 * Tries each command that a finding shows, in the state that it speaks of, without a change: its program has to be there,
 * what apt and dpkg can simulate has to come to a good end, and nothing may be taken away that the crossgrade needs. In the
 * place of what does not help stands why.
 */
export async function tryRemedies(
  machine: Machine,
  { target }: ArchitecturePair,
  { inventory }: Facts,
  findings: readonly Finding[],
): Promise<Finding[]> {
  const commands = findings.flatMap(({ remedies }) => remedies).filter((one) => 'command' in one);
  // A recording has no programs, and nothing can be tried in it.
  if (commands.length === 0 || !(await machine.exists('/bin/sh'))) return [...findings];
  const hasBegun = inventory.packages.some(
    ({ architecture, state }) => architecture === target.name && state !== 'config-files',
  );
  const goal: Goal = { target: target.name, hasBegun };
  const known = new Map<string, Promise<Remedy[]>>();
  const tried: Finding[] = [];
  for (const finding of findings) {
    const remedies: Remedy[] = [];
    for (const remedy of finding.remedies) {
      if (!('command' in remedy)) {
        remedies.push(remedy);
        continue;
      }
      const { command } = remedy;
      const found = known.get(command) ?? tryCommand(machine, command, goal);
      known.set(command, found);
      remedies.push(...(await found).filter((one) => !remedies.some((other) => isSame(one, other))));
    }
    tried.push({ ...finding, remedies });
  }
  return tried;
}

interface Goal {
  /** Architecture. */
  readonly target: string;
  /** Packages of it are there already. */
  readonly hasBegun: boolean;
}

function isSame(one: Remedy, other: Remedy): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

async function tryCommand(machine: Machine, command: string, goal: Goal): Promise<Remedy[]> {
  const first: Remedy[] = [];
  for (const program of programsOf(command)) {
    if (await isThere(machine, program)) continue;
    const owner = packageOfProgram[program];
    const why = `${program} is not on this system`;
    if (owner === undefined) return [notHere(command, why)];
    const install = `apt-get install ${owner}`;
    if ((await outcomes(machine, install, goal)).some((one) => one.why !== undefined)) {
      return [notHere(command, `${why}, and apt cannot install ${owner}`)];
    }
    first.push({ command: install });
  }
  const found = await outcomes(machine, command, goal);
  const why = found.find((one) => one.why !== undefined)?.why;
  if (why !== undefined) return [notHere(command, why)];
  const removes = found.flatMap((one) => one.removes);
  return [
    ...first,
    ...(removes.length > 0
      ? [{ hint: `The next command removes ${listNames(removes)}; apt asks before it does.` }]
      : []),
    { command },
  ];
}

async function isThere(machine: Machine, program: string): Promise<boolean> {
  if (program.startsWith('/')) return machine.exists(program as RootPath);
  for (const folder of programFolders) if (await machine.exists(`${folder}/${program}`)) return true;
  return false;
}

async function outcomes(machine: Machine, command: string, goal: Goal): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (const trial of trialsOf(command)) found.push(await perform(machine, trial, goal));
  return found;
}

async function perform(machine: Machine, trial: Trial, goal: Goal): Promise<Outcome> {
  if (trial.kind === 'cache') {
    const archives = (await machine.list(archivesOfApt)).filter((name) => name.endsWith('.deb'));
    return archives.length > 0 ? { removes: [] } : { why: 'apt keeps no archives here', removes: [] };
  }
  return outcomeOf(await machine.run(trial.argv), trial, goal.target, goal.hasBegun);
}
