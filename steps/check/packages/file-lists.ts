import type { Remedy } from '../../../src/base/finding.ts';
import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';

/** Source: dpkg(1), `--audit`; dpkg-query(1), `--listfiles`. */
export const fileLists: Check = {
  id: 'packages/file-lists',
  title: 'dpkg’s lists of files',
  about: {
    'packages/file-list-lost': {
      text: 'dpkg keeps a list of the files of each package in /var/lib/dpkg/info. Where one is lost, as after a power cut, dpkg takes the package for one without files, so that nothing would replace or remove them; where one is cut off, dpkg refuses all work. To install the same version of the package again writes the list anew.',
      source: 'dpkg(1), --audit; dpkg-query(1), --listfiles',
    },
  },
  findings: ({ lostFileLists = [] }) => {
    if (lostFileLists.length === 0) return [];
    const damaged = lostFileLists.filter(({ how }) => how === 'damaged').map(({ path }) => path);
    const names = lostFileLists.map((one) => one.package.replace(/:all$/, ''));
    const reinstall: Remedy[] = [
      // dpkg can do without a list, but not with a damaged one.
      ...(damaged.length > 0 ? [{ command: shellWords(['mv', ...damaged.sort(), '/var/backups/']) }] : []),
      { command: shellWords(['apt-get', 'install', '--reinstall', ...names.sort()]) },
    ];
    return [
      {
        id: 'packages/file-list-lost',
        severity: 'blocker',
        title: 'dpkg has lost its list of the files of a package',
        detail:
          'Without the list dpkg does not know which files belong to the package. Until it is there again, this report may take them for programs outside packages.',
        affected: lostFileLists.map((one) => `${one.package} (${one.how})`).sort(),
        remedies: [
          ...reinstall,
          { hint: 'A package that no repository has is installed again from its archive: dpkg --install FILE.deb' },
        ],
      },
    ];
  },
};
