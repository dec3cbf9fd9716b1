import type { Remedy } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import { shellFor, shellWord, shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';
import { keptPackages } from '../../../src/check/kept-packages.ts';
import { type GroupKind, nameGroup, type SoftwareGroup } from '../../../src/software/group-programs.ts';

/** Source: the procedure's “self-installed things such as rvm, virtualenv or npm modules probably won't work afterwards”. */
export const localPrograms: Check = {
  id: 'software/local-programs',
  title: 'Programs outside packages',
  looksAt: { parts: ['files', 'software'] },
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
              remedies: remediesFor(local, (name) =>
                input.facts.inventory.packages.some((one) => one.name === name && one.state === 'installed'),
              ),
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
function describe(group: SoftwareGroup, bits: number): string {
  const { files, selfContained, owners } = group;
  const count = files === 1 ? `a ${bits}-bit file` : `${files} ${bits}-bit files`;
  const free = selfContained === 0 ? '' : `, of which ${selfContained} need no library and go on`;
  return `${nameGroup(group)}: ${count}${free} (${owners.join(', ')})`;
}

/** What is copied for each folder of a kind; more would hide the rest of a report. */
const mostCommands = 3;

interface Plan {
  readonly hint: string;
  /** For a folder, as its owner. */
  readonly now?: (path: string, has: (packageName: string) => boolean) => string;
  readonly afterwards?: (path: string) => string;
}

/** Source: the manuals of the programs named. */
const plans: Readonly<Partial<Record<GroupKind, Plan>>> = {
  pip: {
    hint: 'Python modules of pip: write them down now, and install the compiled ones anew afterwards (pip install --force-reinstall).',
    // What pip has installed outlives pip.
    now: (path, has) => (has('python3-pip') ? `python3 -m pip list --format=freeze --path ${path}` : `ls ${path}`),
  },
  node: {
    hint: 'Native Node.js modules: build them anew afterwards.',
    afterwards: (path) => `cd ${path}/.. && npm rebuild`,
  },
  gems: {
    hint: 'Ruby gems with native parts: build them anew afterwards; in a bundle, bundle pristine.',
    afterwards: () => 'gem pristine --all --extensions',
  },
  rvm: {
    hint: 'rvm: write down its Rubies and their gems now; afterwards rvm reinstall VERSION for each.',
    now: (path) => `${path}/bin/rvm list && ${path}/bin/rvm all do gem list`,
  },
  rbenv: {
    hint: 'rbenv: write down its Rubies and their gems now; afterwards rbenv install --force VERSION for each, and its gems.',
    now: (path) =>
      `export RBENV_ROOT=${path}; rbenv versions; for ruby in $(rbenv versions --bare); do RBENV_VERSION="$ruby" rbenv exec gem list; done`,
  },
  pyenv: {
    hint: 'pyenv: write down its Pythons and their modules now; afterwards pyenv install --force VERSION for each, and its modules.',
    now: (path) => `for python in ${path}/versions/*/bin/python; do echo "$python"; "$python" -m pip freeze; done`,
  },
  nvm: {
    hint: 'nvm: write down its versions now; afterwards nvm install VERSION --reinstall-packages-from=VERSION for each.',
    now: (path) => `ls ${path}/versions/node ${path}/versions/node/*/lib/node_modules`,
  },
  conda: {
    hint: 'conda: write down its environments now. It has no 32-bit successor: install the 64-bit one in another folder, and make them anew.',
    now: (path) => `${path}/bin/conda env export --name base`,
  },
  perl: {
    hint: 'Perl modules with native parts: write them down now (perldoc perllocal), and install them anew afterwards (cpan -f -i MODULE).',
  },
  apache: {
    hint: 'Apache modules: build them anew from their source before Apache is started again (apxs -i -c mod_x.c).',
  },
  php: {
    hint: 'PHP extensions: build them anew (phpize && ./configure && make install), or pecl install --force NAME.',
  },
  nginx: {
    hint: 'nginx modules: build them anew against the new nginx (./configure --with-compat --add-dynamic-module=…). It does not start while load_module names the old one.',
  },
  'kernel-modules': {
    hint: 'Kernel modules belong to one kernel: build them for the new one, before the reboot if it needs them.',
  },
  'plug-ins': {
    hint: 'Plug-ins that programs of the system load: get or build them for the new architecture, into the folder with its name in the place of the old one.',
  },
  pam: {
    hint: 'A PAM module: a login that requires it fails until it is there in the new architecture. Take it out of /etc/pam.d first, or have the new one at hand.',
  },
};

function remediesFor(groups: readonly SoftwareGroup[], has: (packageName: string) => boolean): Remedy[] {
  const kinds = [...new Set(groups.map(({ kind }) => kind))];
  // Virtualenvs are a finding of their own, with a decision.
  const rest = kinds.some((kind) => plans[kind] === undefined && kind !== 'virtualenv');
  return [
    ...kinds.flatMap((kind) =>
      planFor(
        plans[kind],
        groups.filter((group) => group.kind === kind),
        has,
      ),
    ),
    ...(rest ? [{ hint: 'Other programs: get or build them for the new architecture.' }] : []),
  ];
}

function planFor(
  plan: Plan | undefined,
  groups: readonly SoftwareGroup[],
  has: (packageName: string) => boolean,
): Remedy[] {
  if (plan === undefined) return [];
  const commands = (make: Plan['now']) =>
    make === undefined
      ? []
      : groups.slice(0, mostCommands).flatMap((group) => asOwner(group, make(shellWord(group.path), has)) ?? []);
  return [
    { hint: plan.hint },
    ...[...new Set([...commands(plan.now), ...commands(plan.afterwards)])].map((command) => ({ command })),
  ];
}

/**
 * Whoever may write to a folder decides what the programs in it do, so that they are not for root to run.
 *
 * @returns undefined where it is not clear as whom
 */
function asOwner({ owners }: SoftwareGroup, command: string): string | undefined {
  const [owner, ...others] = owners.filter((one) => one !== 'root');
  if (owner === undefined) return command;
  // Without a name it is a user that nobody can become.
  if (others.length > 0 || /^\d+$/.test(owner)) return undefined;
  return shellWords(['runuser', '-u', owner, '--', shellFor(command), '-c', command]);
}
