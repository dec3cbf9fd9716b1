import type { Machine } from '../../base/machine.ts';
import type { RootPath, WalkedFile } from '../../base/root.ts';
import { careful } from '../../base/system/careful.ts';
import type { Unseen } from '../../base/unseen.ts';
import { noConfiguration, textLimit } from './text-files.ts';

/** Below a home folder: what is started for its owner, or set when something is. */
const places = [
  ...['.config/systemd', '.config/autostart', '.config/environment.d', '.local/share/systemd'],
  ...['.profile', '.bash_profile', '.bashrc', '.xprofile', '.xsessionrc', '.pam_environment'],
];

/** Of one home. Nobody has more units by hand; whoever has them for another reason shall not keep a check waiting. */
const mostFiles = 1000;

/**
 * What is a home folder is its owner's to say, and so is what lies in it: no link is followed, and no more is read than
 * somebody writes.
 *
 * @returns plain files that may be configuration
 */
export async function homeTexts(machine: Machine, unseen: Unseen[]): Promise<RootPath[]> {
  const look = careful(unseen);
  const found: RootPath[] = [];
  for (const home of await homeFolders(machine, unseen)) {
    const texts: RootPath[] = [];
    for (const place of places) {
      const path: RootPath = `${home}/${place}`;
      if (!(await look(path, () => isReached(machine, home, place), false))) continue;
      const walked = await look(path, () => machine.walk(path), [] as WalkedFile[]);
      texts.push(...walked.filter(isText).map((one) => one.path));
    }
    found.push(...texts.slice(0, mostFiles));
    if (texts.length > mostFiles) {
      unseen.push({ what: `${texts.length - mostFiles} files of ${home}`, why: 'there are too many of them' });
    }
  }
  return found;
}

function isText({ path, info }: WalkedFile): boolean {
  return info.type === 'file' && info.bytes <= textLimit && !noConfiguration.test(path);
}

/** Those below /home, and of accounts that have theirs elsewhere. */
async function homeFolders(machine: Machine, unseen: Unseen[]): Promise<RootPath[]> {
  const below = await careful(unseen)('/home', () => machine.list('/home'), []);
  const homes = new Set(below.map((name): RootPath => `/home/${name}`));
  for (const line of ((await machine.readTextIfThere('/etc/passwd')) ?? '').split('\n')) {
    const [, , uid = '', , , home = ''] = line.split(':');
    const isPerson = uid === '0' || (Number(uid) >= 1000 && Number(uid) < 65_534);
    if (isPerson && /^\/[^/]+/.test(home)) homes.add(home.replace(/\/+$/, '') as RootPath);
  }
  return [...homes].sort();
}

/** Whether it is there, with no link on the way from the home folder to it; where that is, only root says. */
async function isReached(machine: Machine, home: RootPath, place: string): Promise<boolean> {
  let here = home;
  for (const name of place.split('/')) {
    here = `${here}/${name}`;
    const type = (await machine.info(here))?.type;
    if (type !== 'directory' && (type !== 'file' || here !== `${home}/${place}`)) return false;
  }
  return true;
}
