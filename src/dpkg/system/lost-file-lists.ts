import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { type InstalledPackage, instanceKey } from '../../debian/package.ts';
import { infoName, judgeFileList, type LostFileList, shouldHaveFileList } from '../file-lists.ts';

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
