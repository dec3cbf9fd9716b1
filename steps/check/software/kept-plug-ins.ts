import { listNames } from '../../../src/base/list-names.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { keptPackages } from '../../../src/check/kept-packages.ts';
import type { LonePlugIn } from '../../../src/software/plug-ins.ts';

/** Source: dlopen(3): a program loads shared objects of its own class alone. */
export const keptPlugIns: Check = {
  id: 'software/kept-plug-ins',
  title: 'Plug-ins of packages that stay',
  looksAt: { parts: ['software'] },
  about: {
    'software/kept-plug-ins': {
      text: 'These packages stay in the old architecture, as decided, but have files that other packages’ programs load while they run: drivers of scanners, plug-ins, modules of an interpreter. Those programs go over to the new architecture, and cannot load them any more. Nothing is in the way of the crossgrade; what they are for does not work afterwards. What is a program of its own, such as a filter of CUPS, goes on.',
      source: 'dlopen(3); sane-dll(5); ld.so(8)',
    },
  },
  findings: (input) => {
    const { pair, solved } = input;
    const lone = plugInsThatStay(input);
    if (lone.length === 0) return [];
    const packages = [...new Set(lone.map((one) => one.package))].sort();
    return [
      {
        id: 'software/kept-plug-ins',
        severity: 'warning',
        title: `Plug-ins of ${pair.source.elfBits} bit that stay, and that nothing loads any more`,
        detail: `${listNames(packages)} ${packages.length === 1 ? 'stays' : 'stay'} in ${pair.source.name}, but the programs that load these files go over to ${pair.target.name}.`,
        affected: lone.map(describe).sort(),
        remedies: [
          {
            hint: `Ask who made them for a build for ${pair.target.name}. Where you need one of them, keep another machine, or a container of ${pair.source.name}, for it; otherwise let the package go:`,
          },
          ...(solved ? [{ decision: 'no-counterpart' }] : []),
        ],
      },
    ];
  },
};

/** Modules of PAM that stop logins are a finding of their own. */
function plugInsThatStay(input: CheckInput): LonePlugIn[] {
  const kept = new Set(keptPackages(input));
  const logins = new Set(input.survey?.loginModules?.map(({ path }) => path));
  return (input.solved?.plugIns ?? []).filter((one) => kept.has(one.package) && !logins.has(one.path));
}

function describe({ path, package: name, folder, beside }: LonePlugIn): string {
  return `${path} (${name}): in ${folder}, as those of ${listNames(beside, 3)}`;
}
