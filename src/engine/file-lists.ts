import { infoName, judgeFileList, type LostFileList, shouldHaveFileList } from '../core/file-lists.ts';
import type { Machine, RootPath } from '../core/machine.ts';
import { type InstalledPackage, instanceKey } from '../core/package.ts';
import { dpkgFolder } from '../core/paths.ts';

/** Where there is no dpkg, as in a recorded host, no lists were kept. */
export async function findLostFileLists(
  machine: Machine,
  packages: readonly InstalledPackage[],
): Promise<LostFileList[]> {
  if (!(await machine.exists('/usr/bin/dpkg'))) return [];
  const lost: LostFileList[] = [];
  for (const one of packages.filter(shouldHaveFileList)) {
    const info: RootPath = `${dpkgFolder}/info/${infoName(one)}`;
    const path: RootPath = `${info}.list`;
    const text = await machine.readTextIfThere(path);
    const shipsFiles = text === '' && ((await machine.info(`${info}.md5sums`))?.bytes ?? 0) > 0;
    const how = judgeFileList(text, shipsFiles);
    if (how !== undefined) lost.push({ package: instanceKey(one), path, how });
  }
  return lost;
}
