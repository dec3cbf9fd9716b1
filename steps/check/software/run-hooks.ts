import type { Remedy } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { type HookLine, hookKinds } from '../../../src/software/run-hooks.ts';

/** Source: update-initramfs(8), dpkg.cfg(5), apt.conf(5), udev(7): what they run is run by a run, too. */
export const runHooks: Check = {
  id: 'software/run-hooks',
  title: 'Hooks that the run sets in motion',
  looksAt: { parts: ['hooks'] },
  about: {
    'software/run-hooks': {
      text: 'Hooks that somebody wrote or changed, and that a run sets in motion itself: of the initramfs, of kernels, of GRUB’s menu, of dpkg and apt, of udev, DKMS and the like. They name what is there for the old architecture alone, or is gone with its package. They would fail in the middle of the run, past the point of no return, some of them with no initramfs in /boot. A line that works in both architectures does so before, during and after the run.',
      source: 'initramfs-tools(7); dpkg.cfg(5), --post-invoke; apt.conf(5), DPkg::Pre-Invoke; udev(7), RUN',
    },
  },
  findings: (input) => {
    const lines = (input.survey?.hooks ?? []).filter((one) => isLost(one, input));
    if (lines.length === 0) return [];
    const { source, target } = input.pair;
    return [
      {
        id: 'software/run-hooks',
        severity: 'blocker',
        title: `Hooks that the run needs do not work without ${source.name}`,
        detail:
          'The run itself sets them in motion, while packages are replaced and once more at the end, when what they name is gone. ' +
          `There they would fail, past the point of no return. Change them now, so that they work in ${source.name} and in ${target.name}.`,
        affected: lines.map((one) => describe(one, input)).sort(),
        remedies: remediesFor(lines, input),
      },
    ];
  },
};

/** Whether nothing, or nothing that would work, is at its place when the run comes to its end. */
function isLost({ why, kind, package: owner }: HookLine, { pair, solved }: CheckInput): boolean {
  const name = owner?.replace(/:.*$/, '');
  const isThere = (architecture: string): boolean => `${name}:${architecture}` in (solved?.plan.endState ?? {});
  if (why === 'package') {
    return solved !== undefined && ![pair.target.name, pair.source.name, 'all'].some(isThere);
  }
  // Of an initramfs everything has to be of the new architecture.
  const mayStay = why === 'folder' && kind !== 'initramfs';
  return !(mayStay && name !== undefined && isThere(pair.source.name));
}

function describe({ kind, file, via, line, names, why, package: owner }: HookLine, { pair }: CheckInput): string {
  const reasons: Readonly<Record<HookLine['why'], string>> = {
    folder: '',
    program: `, a ${pair.source.elfBits}-bit program that no package brought`,
    package: `, of ${owner?.replace(/:.*$/, '')}, which goes`,
  };
  const what = via === undefined ? hookKinds[kind] : `run by ${via}`;
  return `${file}, line ${line} (${what}): ${names}${reasons[why]}`;
}

function remediesFor(lines: readonly HookLine[], { pair }: CheckInput): Remedy[] {
  const { source, target } = pair;
  const folders = lines.filter(({ why }) => why === 'folder');
  const exact = folders.flatMap(({ file, line, instead }) => (instead === undefined ? [] : [{ file, line, instead }]));
  const others = folders.filter(({ instead }) => instead === undefined);
  const programs = lines.filter(({ why }) => why === 'program').map(({ names }) => names);
  const going = lines.flatMap(({ why, names }) => (why === 'package' ? [names] : []));
  const distinct = (names: readonly string[]): string => listNames([...new Set(names)].sort());
  return [
    ...exact.map(({ file, line, instead }) => ({ hint: `In ${file}, write as line ${line}: ${instead}` })),
    ...(others.length === 0
      ? []
      : [
          {
            hint:
              `In ${distinct(others.map(({ file }) => file))}, have a shell take what is there in either architecture: ` +
              `${others.some(({ names }) => names === source.loader) ? `${source.loader} or ${target.loader}` : `/usr/lib/*/NAME instead of /usr/lib/${source.triplet}/NAME`}. ` +
              'What knows no patterns can start a script in /usr/local/sbin that does.',
          },
        ]),
    ...(programs.length === 0
      ? []
      : [
          {
            hint: `Build ${distinct(programs)} for ${target.name}, or take the lines out until then.`,
          },
        ]),
    ...(going.length === 0
      ? []
      : [{ hint: `Take the lines with ${distinct(going)} out, or keep the package that brings it.` }]),
  ];
}
