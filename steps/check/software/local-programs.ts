import type { Check } from '../../../src/core/check.ts';
import type { Remedy } from '../../../src/core/finding.ts';
import { keptPackages } from '../../../src/core/kept-packages.ts';
import { listNames } from '../../../src/core/list-names.ts';
import { type GroupKind, groupNames, type SoftwareGroup } from '../../../src/core/survey-software.ts';

/** Source: the procedure's “self-installed things such as rvm, virtualenv or npm modules probably won't work afterwards”. */
export const localPrograms: Check = {
  id: 'software/local-programs',
  about: {
    'software/local-programs': {
      text: 'Programs and libraries that no package brought are not crossgraded. Those that need libraries stop working when the old ones are removed; plug-ins and modules cannot be loaded by programs of the new architecture. Only programs that need no library go on as they are.',
      source: 'ld.so(8); elf(5), e_ident',
    },
    'software/other-systems': {
      text: 'These folders hold whole systems of their own: chroots or containers. They bring their own libraries, and go on as they are under the new kernel. crossgrade does not change them.',
      source: 'chroot(2); execve(2)',
    },
  },
  findings: (input) => {
    const { pair, survey } = input;
    const { source } = pair;
    const kept = keptPackages(input);
    const all = survey?.software?.groups ?? [];
    const local = all.filter((group) => group.kind !== 'system' && group.files > group.selfContained);
    const systems = all.filter((group) => group.kind === 'system');
    const files = local.reduce((sum, group) => sum + group.files, 0);
    return [
      ...(local.length === 0
        ? []
        : [
            {
              id: 'software/local-programs',
              severity: 'warning' as const,
              title: `${files === 1 ? 'A program' : `${files} programs and libraries`} of ${source.elfBits} bit outside packages ${kept.length > 0 ? 'may' : 'will'} no longer work`,
              detail: `No package brought ${files === 1 ? 'it' : 'them'}, so crossgrade cannot replace ${files === 1 ? 'it' : 'them'}. Plan to build or install ${files === 1 ? 'it' : 'them'} anew right after the crossgrade.${goesOn(kept, source.name)}`,
              affected: local.map((group) => describe(group, source.elfBits)).sort(),
              remedies: remediesFor(local),
            },
          ]),
      ...(systems.length === 0
        ? []
        : [
            {
              id: 'software/other-systems',
              severity: 'note' as const,
              title: `Systems of ${source.elfBits} bit in folders of this one stay as they are`,
              detail: 'They have their own libraries and go on under the new kernel.',
              affected: systems.map(({ path }) => path).sort(),
              remedies: [{ hint: 'To turn one into the new architecture, too, run crossgrade with --root on it.' }],
            },
          ]),
    ];
  },
};

/** The libraries that stay for a package do so for other programs as well. */
function goesOn(kept: readonly string[], architecture: string): string {
  return kept.length === 0
    ? ''
    : ` Programs that need no other libraries than the ${architecture} packages that stay, as decided, go on working: ${listNames(kept)}.`;
}

/** @returns `virtualenv /srv/app/venv: 14 32-bit files (www-data)` */
function describe({ kind, path, files, selfContained, owners }: SoftwareGroup, bits: number): string {
  const name = kind === 'other' ? path : `${groupNames[kind]} ${path}`;
  const count = files === 1 ? `a ${bits}-bit file` : `${files} ${bits}-bit files`;
  const free = selfContained === 0 ? '' : `, of which ${selfContained} need no library and go on`;
  return `${name}: ${count}${free} (${owners.join(', ')})`;
}

const hints: Readonly<Partial<Record<GroupKind, string>>> = {
  virtualenv:
    'A virtualenv: write down its packages now (bin/pip freeze). Afterwards make it anew with python3 -m venv --clear, and install them with bin/pip install -r.',
  pip: 'Python modules of pip: write them down now (pip list), and install them anew afterwards.',
  node: 'Node.js modules: afterwards, npm rebuild in the folder above node_modules.',
  gems: 'Ruby gems: afterwards, gem pristine --all --extensions, or bundle install --redownload.',
  rvm: 'rvm: afterwards, rvm reinstall for each Ruby.',
  rbenv: 'rbenv: afterwards, rbenv install --force for each version, and its gems.',
  pyenv: 'pyenv: afterwards, pyenv install --force for each version, and its modules.',
  nvm: 'nvm: afterwards, nvm install for each version, with --reinstall-packages-from.',
  apache: 'Apache modules: build them anew with apxs before Apache is started again.',
  php: 'PHP extensions: build them anew with phpize or pecl.',
  'kernel-modules':
    'Kernel modules belong to one kernel: build them for the new one, before the reboot if it needs them.',
  pam: 'A PAM module: a login that requires it fails until it is there in the new architecture. Take it out of /etc/pam.d first, or have the new one at hand.',
};

function remediesFor(groups: readonly SoftwareGroup[]): Remedy[] {
  const known = [...new Set(groups.map(({ kind }) => kind))]
    .map((kind) => hints[kind])
    .filter((hint) => hint !== undefined);
  const rest = groups.some(({ kind }) => hints[kind] === undefined);
  return [
    ...known.map((hint) => ({ hint })),
    ...(rest
      ? [{ hint: 'Other programs: get or build them for the new architecture. What nobody needs can be deleted.' }]
      : []),
  ];
}
