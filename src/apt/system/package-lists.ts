import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import type { CommandResult, RootPath } from '../../base/root.ts';
import { eachStanza, parseStanzas } from '../../debian/deb822.ts';
import type { AvailablePackage } from '../../debian/package.ts';
import { readAvailable } from '../../debian/package-stanza.ts';
import { readAptComplaints } from '../apt-output.ts';

/** Where a private apt is, and of what its lists are. */
export interface ListHolder {
  readonly folder: RootPath;
  /** What it knows, the native one first. */
  readonly architectures: readonly string[];
  /** Where the root's own apt has the lists of which this one has copies. */
  readonly ownLists: string;
}

/**
 * What lies there is taken as it is: apt does not compare it with a signed sum any more.
 *
 * @throws {CrossgradeError} CG0207, CG0208
 */
export async function assertListsThere(machine: Machine, apt: ListHolder): Promise<void> {
  const { folder, architectures, ownLists } = apt;
  const names = await machine.list(`${folder}/lists`);
  const without = architectures.filter((name) => !names.some((list) => list.includes(`_binary-${name}_Packages`)));
  const forbidden = await unreadLists(machine, ownLists, names, architectures);
  if (without.length > 0) {
    const isForbidden = without.every((name) => forbidden.some((list) => list.includes(`_binary-${name}_`)));
    throw new CrossgradeError(
      isForbidden
        ? `Only root can read apt’s package lists for ${without.join(' and ')} here.`
        : `apt has no package lists for ${without.join(' and ')} here.`,
      {
        code: 'CG0207',
        hint: isForbidden
          ? 'Nothing was changed. Run the same command as root, for example with sudo, or without --offline.'
          : 'Nothing was changed. Start again without --offline: the lists are then fetched into a temporary folder.',
        exitCode: 3,
      },
    );
  }
  const releases = names.filter((one) => /_(In)?Release$/.test(one));
  for (const name of names.filter((one) => one.endsWith('_Packages'))) {
    const list = `${folder}/lists/${name}` as const;
    const { bytes = 0 } = (await machine.info(list)) ?? {};
    // apt would not notice that it is cut off.
    if (bytes > 0 && (await machine.readTextFrom(list, bytes - 1)) !== '\n') {
      throw await brokenLists(machine, apt, { exitCode: 0, stdout: '', stderr: '' });
    }
    const release = releases.find((one) => name.startsWith(one.replace(/(In)?Release$/, '')));
    if (release !== undefined) await assertAsReleased(machine, list, bytes, `${folder}/lists/${release}`);
  }
}

/** Those that could not be copied, and why is asked by reading them: the report names what only root can read. */
async function unreadLists(
  machine: Machine,
  own: string,
  copied: readonly string[],
  architectures: readonly string[],
): Promise<string[]> {
  const wanted = [...architectures, 'all'].map((name) => `_binary-${name}_`);
  const left = (await machine.list(own as RootPath)).filter(
    (name) => wanted.some((one) => name.includes(one)) && !copied.includes(name),
  );
  for (const name of left) await machine.readTextIfThere(`${own.replace(/\/$/, '') as RootPath}/${name}`);
  return left;
}

/** apt has compared them when it fetched the list, and does not again. */
async function assertAsReleased(machine: Machine, list: RootPath, bytes: number, release: RootPath): Promise<void> {
  const prefix = release.replace(/(In)?Release$/, '');
  const released = readReleased(await machine.readText(release)).get(list.slice(prefix.length).replaceAll('_', '/'));
  if (released === undefined) return;
  const isSame = released.bytes === bytes && released.sha256 === (await machine.hash(list, 'sha256'));
  if (isSame) return;
  const nameOf = (path: RootPath): string => path.slice(path.lastIndexOf('/') + 1);
  const what = bytes < released.bytes ? 'was cut off' : 'was changed';
  throw damagedList(
    `${nameOf(list)} ${what}: it has ${bytes} bytes, and not the ${released.bytes} and the sum that ${nameOf(release)} says.`,
  );
}

/** @returns by path below the suite's folder, what a Release file says of its indices */
function readReleased(text: string): Map<string, { readonly sha256: string; readonly bytes: number }> {
  const lines = text.matchAll(/^ ([0-9a-f]{64}) +(\d+) (\S+)$/gm);
  return new Map([...lines].map(([, sha256 = '', bytes = '', path = '']) => [path, { sha256, bytes: Number(bytes) }]));
}

/**
 * apt passes over a stanza that it cannot use, and the package is taken for one that no repository has.
 *
 * @param names those that it does not find for the target
 * @throws {CrossgradeError} CG0208 one of them is there, and cannot be used
 */
export async function assertNotDamaged(
  machine: Machine,
  { folder }: ListHolder,
  architecture: string,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const useful = ['all', architecture].map((one) => `_binary-${one}_Packages`);
  const lists = (await machine.list(`${folder}/lists`)).filter((name) => useful.some((end) => name.endsWith(end)));
  if (lists.length === 0) return;
  // A whole list in memory is more than all the rest of a check.
  const search = ['grep', '--text', '--files-with-matches', '--line-regexp', '--extended-regexp', '--file=-', '--'];
  const patterns = names.map((name) => `Package: *${name.replaceAll(/[.+]/g, '\\$&')}`);
  const { exitCode, stdout } = await machine.run([...search, ...lists.map((name) => `${folder}/lists/${name}`)], {
    input: patterns.join('\n'),
    environment: { LC_ALL: 'C' },
  });
  const wanted = new Set(names);
  const found = new Set(stdout.split('\n'));
  // More than 1: grep could not look, and nothing is known of any list.
  for (const name of lists.filter((one) => exitCode > 1 || found.has(`${folder}/lists/${one}`))) {
    assertReadable(await machine.readText(`${folder}/lists/${name}`), name, wanted);
  }
}

function assertReadable(text: string, list: string, wanted: ReadonlySet<string>): void {
  try {
    for (const stanza of eachStanza(text, list)) {
      if (wanted.has(stanza.get('Package') ?? '')) readAvailable(stanza);
    }
  } catch (cause) {
    if (!(cause instanceof CrossgradeError)) throw cause;
    throw damagedList(cause.message, { cause });
  }
}

/**
 * @param shown what `apt-cache show` answered
 * @throws {CrossgradeError} CG0208
 */
export async function readShown(machine: Machine, apt: ListHolder, shown: CommandResult): Promise<AvailablePackage[]> {
  try {
    return parseStanzas(shown.stdout, 'apt-cache show').map(readAvailable);
  } catch (error) {
    if (!(error instanceof CrossgradeError)) {
      throw error;
    }
    throw await brokenLists(machine, apt, shown);
  }
}

/**
 * apt does not say where in a package list it stumbled; reading them all again does.
 *
 * @param said what apt answered
 * @returns CG0208, to be thrown
 */
export async function brokenLists(
  machine: Machine,
  apt: ListHolder,
  { stdout, stderr }: CommandResult,
): Promise<CrossgradeError> {
  const broken = await firstBroken(machine, apt);
  return damagedList(broken?.message ?? 'apt cannot read the package lists.', {
    details: readAptComplaints(`${stdout}\n${stderr}`)
      .slice(0, 6)
      .map((complaint) => complaint.text.replaceAll(`${apt.folder}/lists/`, '')),
    ...(broken && { cause: broken }),
  });
}

function damagedList(message: string, more: { details?: readonly string[]; cause?: unknown } = {}): CrossgradeError {
  return new CrossgradeError(message, {
    code: 'CG0208',
    hint:
      'Nothing was changed. A package list that apt has is damaged, or was made by a broken repository: delete it in ' +
      '/var/lib/apt/lists and fetch it again with apt-get update. If that does not help, disable the repository.',
    ...more,
  });
}

async function firstBroken(machine: Machine, { folder }: ListHolder): Promise<CrossgradeError | undefined> {
  for (const name of (await machine.list(`${folder}/lists`)).filter((one) => one.endsWith('_Packages'))) {
    try {
      for (const stanza of eachStanza(await machine.readText(`${folder}/lists/${name}`), name, {
        mayBeDamaged: true,
      })) {
        readAvailable(stanza);
      }
    } catch (error) {
      if (error instanceof CrossgradeError) {
        return error;
      }
      throw error;
    }
  }
  return undefined;
}
