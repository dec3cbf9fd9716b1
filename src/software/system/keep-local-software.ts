import importScript from '#guest/software/importable-modules.py';
import renewScript from '#guest/software/renew-python.sh';
import inventoryScript from '#guest/software/virtualenv-inventory.py';
import type { Machine } from '../../base/machine.ts';
import { localSoftwareFile, rebuiltFile } from '../../base/own-paths.ts';
import type { CommandResult, RootPath } from '../../base/root.ts';
import { DataTrouble, lastLines, must } from '../../base/system/must.ts';
import {
  asUser,
  type OthersFolder,
  othersFolder,
  placeObstacle,
  rootsOwnFolder,
} from '../../base/system/others-folder.ts';
import { asideName } from '../../data/exports.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Performance } from '../../state/system/performance.ts';
import {
  type Frozen,
  type LocalSoftwareRecord,
  type Rebuilt,
  type RecordedVirtualenv,
  readRebuilt,
  type Virtualenv,
  waitingVirtualenvs,
} from '../local-software.ts';
import { freezeOf, pipArguments, readImportable, readInventoryOf, virtualenvList } from '../virtualenv.ts';
import { namedOfPackages } from './configuration.ts';
import { lookAtDependents } from './dependent.ts';
import { lookAtKept } from './kept-programs.ts';
import { findLocalFiles } from './local-files.ts';

/** Seconds for what a virtualenv's own programs do; a module that waits for something must not hold up a run. */
const askSeconds = 300;
const installSeconds = 3600;

/** Writes down what no package brought, and what is in virtualenvs. Runs nothing but their Python, as their owner. */
export async function recordLocalSoftware({ machine, pair, context, step, observe }: Performance): Promise<void> {
  const files = await findLocalFiles(machine, context.facts, pair, undefined);
  const { dependent } = await lookAtDependents(machine, context.facts, pair, files);
  const virtualenvs: RecordedVirtualenv[] = [];
  for (const one of dependent.virtualenvs) {
    const recorded = await freeze(machine, one).then(
      (frozen) => ({ ...one, frozen }),
      (error: unknown) => ({ ...one, trouble: troubleOf(error) }),
    );
    virtualenvs.push(recorded);
    const { frozen, trouble } = { frozen: undefined, trouble: undefined, ...recorded };
    if (trouble !== undefined) observe({ type: 'step-message', step, text: `${one.path}: ${trouble}` });
    if (frozen) await machine.write(virtualenvList(one.path), `${frozen.requirements.join('\n')}\n`, { mode: 0o600 });
  }
  const kept = await lookAtKept(machine, context.facts, pair, keptNames(context.plan));
  const named = await namedOfPackages(machine, context.facts, pair, files.packageFiles);
  const record: LocalSoftwareRecord = {
    version: 1,
    groups: [...dependent.groups],
    virtualenvs,
    ...(named.length > 0 && { named: named as NonNullable<LocalSoftwareRecord['named']> }),
    ...(kept.groups.length + Object.keys(kept.interpreters).length > 0 && {
      kept: {
        groups: [...kept.groups],
        interpreters: kept.interpreters,
        ...(kept.plugIns.length > 0 && { plugIns: kept.plugIns.map((one) => ({ ...one, beside: [...one.beside] })) }),
      },
    }),
  };
  await machine.write(localSoftwareFile, JSON.stringify(record), { mode: 0o600 });
}

/** What has no build for the target, and stays all the same. */
function keptNames({ changes, missing }: Plan): string[] {
  return changes
    .filter(({ change, name }) => change === 'kept-foreign' && missing.includes(name))
    .map(({ name }) => name);
}

function troubleOf(error: unknown): string {
  if (!(error instanceof DataTrouble)) throw error;
  return [error.message, ...error.details.slice(-2)].join('; ');
}

async function freeze(machine: Machine, virtualenv: Virtualenv): Promise<Frozen> {
  const python = await pythonOf(machine, virtualenv);
  const { files } = virtualenv;
  const { stdout, stderr } = await python(['-I', '-B', '-c', inventoryScript], askSeconds, JSON.stringify({ files }));
  const inventory = readInventoryOf(stdout);
  if (!inventory) throw new DataTrouble('its Python does not say what is installed in it', lastLines(stderr));
  const listed = await python(
    ['-I', '-B', '-m', 'pip', 'freeze', '--local', '--disable-pip-version-check'],
    askSeconds,
  );
  const importable = await importableModules(python, inventory.modules);
  return freezeOf(inventory, listed.exitCode === 0 ? listed.stdout : undefined, importable);
}

type Python = (argv: readonly string[], seconds: number, input?: string) => Promise<CommandResult>;

/** A virtualenv's Python, as the owner of its files: whoever may write to it decides what it does. */
async function pythonOf(machine: Machine, { path, uid, gid }: Virtualenv): Promise<Python> {
  if (uid === 0) await assertRootsAlone(machine, path);
  const home = await homeOf(machine, uid);
  return (argv, seconds, input = '') =>
    machine.run(asUser({ uid, gid }, ['timeout', '--kill-after=10', `${seconds}`, `${path}/bin/python`, ...argv]), {
      input,
      workingDirectory: '/',
      environment: { HOME: home },
    });
}

/** @throws {DataTrouble} where somebody else than root decides what a program of root's would do */
async function assertRootsAlone(machine: Machine, path: RootPath): Promise<void> {
  const others = ['find', path, '-xdev', '!', '-type', 'l', '(', '!', '-uid', '0', '-o', '-perm', '/022', ')'];
  const { exitCode, stdout } = await machine.run([...others, '-print', '-quit']);
  if (exitCode === 0 && stdout === '' && (await rootsOwnFolder(machine, path)) !== undefined) return;
  throw new DataTrouble(`it belongs to root, but others may change ${stdout.trim() || 'what it is'}`);
}

async function homeOf(machine: Machine, uid: number): Promise<string> {
  const lines = ((await machine.readTextIfThere('/etc/passwd')) ?? '').split('\n').map((line) => line.split(':'));
  return lines.find((fields) => fields[2] === `${uid}`)?.[5] ?? '/nonexistent';
}

async function importableModules(python: Python, modules: readonly string[]): Promise<string[]> {
  if (modules.length === 0) return [];
  const { stdout } = await python(['-I', '-B', '-c', importScript], askSeconds, JSON.stringify(modules));
  return readImportable(stdout) ?? [];
}

/** One after the other; what fails is as it was, is noted, and does not keep the rest from it. */
export async function rebuildVirtualenvs(performance: Performance): Promise<void> {
  const { machine, context, interruption, step, observe } = performance;
  const tell = (text: string): void => observe({ type: 'step-message', step, text });
  let rebuilt = context.facts.rebuilt ?? readRebuilt(await machine.readTextIfThere(rebuiltFile));
  for (const virtualenv of waitingVirtualenvs(context.facts.localSoftware, rebuilt)) {
    if (interruption.requested) return;
    const { path } = virtualenv;
    const put = async (item: Omit<Rebuilt['items'][number], 'path'>): Promise<void> => {
      const items = [...(rebuilt?.items ?? []).filter((one) => one.path !== path), { path, ...item }];
      rebuilt = { version: 1, changedAt: new Date().toISOString(), items };
      await machine.write(rebuiltFile, JSON.stringify(rebuilt), { mode: 0o600 });
    };
    const wasBegun = rebuilt?.items.some((one) => one.path === path && one.state === 'begun') ?? false;
    await put({ state: 'begun' });
    try {
      const left = await rebuild(performance, virtualenv, wasBegun);
      await put({ state: 'rebuilt', ...(left !== undefined && { trouble: left }) });
      tell(`${path}: its compiled packages were installed anew`);
    } catch (error) {
      const trouble = troubleOf(error);
      await put({ state: 'failed', trouble });
      tell(`${path} could NOT be rebuilt, and is as it was: ${trouble}`);
    }
  }
}

/** Into a folder that is empty. */
const copyScript = 'cp -a --one-file-system --no-target-directory -- "$1" "$2"';

/** @returns what is left to do: a clause */
async function rebuild(
  { machine, pair }: Performance,
  virtualenv: RecordedVirtualenv,
  wasBegun: boolean,
): Promise<string | undefined> {
  const { path, frozen } = virtualenv;
  if (frozen === undefined) throw new DataTrouble(virtualenv.trouble ?? 'its packages are not known');
  if (!frozen.base.startsWith('/usr/bin/')) throw new DataTrouble(`its Python, ${frozen.base}, is no package’s`);
  await assertNoMounts(machine, path);
  const obstacle = await placeObstacle(machine, path, virtualenv);
  if (obstacle !== undefined) throw new DataTrouble(obstacle);
  const hands = othersFolder(machine, virtualenv);
  const aside = asideName(path, pair.source.name);
  if (wasBegun && (await machine.info(aside))) await putBack(hands, path, aside);
  if (await machine.info(aside)) throw new DataTrouble(`${aside} is there already`);
  const part: RootPath = `${aside}.part`;
  await hands.remove(part);
  await hands.makeFolder(part, 0o700);
  const copy = asUser(virtualenv, ['sh', '-ec', copyScript, 'sh', path, part]);
  await must(machine, 'it cannot be copied', copy, { workingDirectory: '/' }).catch(async (error: unknown) => {
    // Half a copy only takes space.
    await hands.remove(part);
    throw error;
  });
  await hands.rename(part, aside);
  try {
    await renewPython(machine, virtualenv, frozen.base);
    await installAnew(machine, virtualenv, frozen);
    const old = (await machine.elfFiles(path)).filter(({ bits }) => bits === pair.source.elfBits);
    return old.length === 0
      ? undefined
      : `belonging to none of its packages, and still of ${pair.source.elfBits} bit: ${old.map((one) => one.path).join(' ')}`;
  } catch (error) {
    await putBack(hands, path, aside);
    throw error;
  }
}

/** A copy of the interpreter, where it is one, is of the source. */
async function renewPython(machine: Machine, { path, uid, gid }: Virtualenv, base: string): Promise<void> {
  const names = (await machine.list(`${path}/bin`)).filter((name) => /^python[\d.]*$/.test(name));
  const copies: string[] = [];
  for (const name of names) {
    const place: RootPath = `${path}/bin/${name}`;
    if ((await machine.info(place))?.type === 'file') copies.push(place);
  }
  if (copies.length === 0) return;
  const argv = ['sh', '-ec', renewScript, 'sh', base, path, ...copies];
  await must(machine, 'its Python cannot be renewed', asUser({ uid, gid }, ['timeout', `${askSeconds}`, ...argv]));
}

async function installAnew(machine: Machine, virtualenv: Virtualenv, frozen: Frozen): Promise<void> {
  const python = await pythonOf(machine, virtualenv);
  if (frozen.compiled.length > 0) {
    // A host without a network shall not wait for it.
    const patience = ['--retries', '1', '--timeout', '20'];
    const install = await python(['-m', 'pip', ...pipArguments(frozen), ...patience], installSeconds);
    if (install.exitCode !== 0) {
      throw new DataTrouble('pip cannot install its packages', lastLines(`${install.stdout}\n${install.stderr}`));
    }
  }
  const now = await importableModules(python, frozen.modules);
  const lost = frozen.modules.filter((name) => !now.includes(name));
  if (lost.length > 0) throw new DataTrouble(`cannot be imported any more: ${lost.join(' ')}`);
  const listed = await python(
    ['-I', '-B', '-m', 'pip', 'freeze', '--local', '--disable-pip-version-check'],
    askSeconds,
  );
  const lines = new Set(listed.stdout.split('\n').map((line) => line.trim()));
  const gone = frozen.requirements.filter((line) => /^[\w.-]+==/.test(line) && !lines.has(line));
  if (gone.length > 0) throw new DataTrouble(`not there any more: ${gone.join(' ')}`);
}

async function putBack(hands: OthersFolder, path: RootPath, aside: RootPath): Promise<void> {
  await hands.remove(path);
  await hands.rename(aside, path);
}

/** @throws when it is a mount point, or one is below it: such a folder is neither copied nor renamed */
async function assertNoMounts(machine: Machine, path: RootPath): Promise<void> {
  const mounts = (await must(machine, 'mounts cannot be listed', ['cat', '/proc/self/mountinfo'])).split('\n');
  const inside = mounts.map((line) => line.split(' ')[4] ?? '').find((place) => `${place}/`.startsWith(`${path}/`));
  if (inside !== undefined) throw new DataTrouble(`${inside} is mounted`);
}
