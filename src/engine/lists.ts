import { readAptComplaints } from '../core/apt-output.ts';
import { eachParagraph, parseParagraphs } from '../core/deb822.ts';
import { CrossgradeError } from '../core/error.ts';
import type { CommandResult, Machine, RootPath } from '../core/machine.ts';
import type { AvailablePackage } from '../core/package.ts';
import { readAvailable } from '../core/package-record.ts';
import { listsFolder } from '../core/paths.ts';

/** Where the root's own apt keeps its package lists. */
export async function listsOf(machine: Machine): Promise<string> {
  const { stdout } = await machine.run(['apt-config', 'shell', 'lists', 'Dir::State::lists/d']);
  return /^lists='(\/.+)'$/m.exec(stdout)?.[1] ?? listsFolder;
}

/**
 * What lies there is taken as it is: nothing compares it with a signed sum any more.
 *
 * @throws {CrossgradeError} CG0207, CG0208
 */
export async function assertListsThere(
  machine: Machine,
  folder: RootPath,
  architectures: readonly string[],
): Promise<void> {
  const names = await machine.list(`${folder}/lists`);
  const without = architectures.filter((name) => !names.some((list) => list.includes(`_binary-${name}_Packages`)));
  if (without.length > 0) {
    throw new CrossgradeError(`apt has no package lists for ${without.join(' and ')} here.`, {
      code: 'CG0207',
      hint: 'Nothing was changed. Start again without --offline: the lists are then fetched into a temporary folder.',
      exitCode: 3,
    });
  }
  for (const name of names.filter((one) => one.endsWith('_Packages'))) {
    const list = `${folder}/lists/${name}` as const;
    const { bytes = 0 } = (await machine.info(list)) ?? {};
    // apt would not notice that it is cut off.
    if (bytes > 0 && (await machine.readTextFrom(list, bytes - 1)) !== '\n') {
      throw await brokenLists(machine, `${folder}/lists`, { exitCode: 0, stdout: '', stderr: '' });
    }
  }
}

/**
 * @param shown what `apt-cache show` answered
 * @throws {CrossgradeError} CG0208
 */
export async function readShown(machine: Machine, folder: RootPath, shown: CommandResult): Promise<AvailablePackage[]> {
  try {
    return parseParagraphs(shown.stdout, 'apt-cache show').map(readAvailable);
  } catch (error) {
    if (!(error instanceof CrossgradeError)) {
      throw error;
    }
    throw await brokenLists(machine, `${folder}/lists`, shown);
  }
}

/**
 * apt does not say where in a package list it stumbled; reading them all again does.
 *
 * @param lists folder of apt's package lists
 * @param said what apt answered
 * @returns CG0208, to be thrown
 */
export async function brokenLists(
  machine: Machine,
  lists: RootPath,
  { stdout, stderr }: CommandResult,
): Promise<CrossgradeError> {
  const broken = await firstBroken(machine, lists);
  return new CrossgradeError(broken?.message ?? 'apt cannot read the package lists.', {
    code: 'CG0208',
    details: readAptComplaints(`${stdout}\n${stderr}`)
      .slice(0, 6)
      .map((complaint) => complaint.text.replaceAll(`${lists}/`, '')),
    hint:
      'Nothing was changed. A package list that apt has is damaged, or was made by a broken repository: delete it in ' +
      '/var/lib/apt/lists and fetch it again with apt-get update. If that does not help, disable the repository.',
    ...(broken && { cause: broken }),
  });
}

async function firstBroken(machine: Machine, lists: RootPath): Promise<CrossgradeError | undefined> {
  for (const name of (await machine.list(lists)).filter((one) => one.endsWith('_Packages'))) {
    try {
      for (const paragraph of eachParagraph(await machine.readText(`${lists}/${name}`), name, { mayBeDamaged: true })) {
        readAvailable(paragraph);
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
