import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { successorOf } from '../../../src/plan/request.ts';

/** Source: the procedure's “for DKMS modules its headers too”; dkms(8). */
export const dkms: Check = {
  id: 'packages/dkms',
  title: 'Kernel modules that DKMS builds',
  looksAt: { apt: 'target' },
  about: {
    'packages/dkms': {
      text: 'DKMS builds these kernel modules anew for every kernel, if it has the headers of that kernel. The crossgrade looks before the reboot whether it has: a disk or network controller that needs such a module would not work. Where one cannot be built, dpkg cannot set up the kernel either, and the run stops (CG0223), still before the reboot: mend the module, or take it out (`dkms remove NAME/VERSION --all`), then type `crossgrade resume`.',
      source: 'dkms(8)',
    },
    'packages/dkms-without-headers': {
      text: 'DKMS can build modules for the new kernel only with the headers of that kernel, and they are not among the packages that come in. With the headers package of the old architecture installed, the one of the new architecture comes in by itself.',
      source: 'dkms(8); crossgrading instructions on the Debian wiki',
    },
  },
  findings: (input) => {
    const { pair, solved, repositories } = input;
    const affected = modulesIn(input);
    const kernel = solved?.target.packages.find(({ name }) => /^linux-image-\d/.test(name));
    if (affected.length === 0 || solved === undefined || kernel === undefined) {
      return [];
    }
    const release = kernel.name.replace(/^linux-image-/, '').replace(/-unsigned$/, '');
    if (solved.target.packages.some(({ name }) => name === `linux-headers-${release}`)) {
      return [
        {
          id: 'packages/dkms',
          severity: 'note',
          title: 'Kernel modules are built by DKMS',
          detail: `They are built for ${release} when it comes in; its headers come, too. A host that must be rebooted waits until those that are built for its kernel now are built for the new one.`,
          affected,
          remedies: [{ command: shellWords(['dkms', 'status', '-k', release]) }],
        },
      ];
    }
    const headers = headersFor(input);
    const offered = headers !== undefined && repositories?.availability.has(successorOf(headers, pair) ?? '') === true;
    return [
      {
        id: 'packages/dkms-without-headers',
        severity: 'warning',
        title: `DKMS modules would be missing in the ${pair.target.name} kernel`,
        detail:
          `The headers of ${release} do not come in, so these modules cannot be built for it. ` +
          (offered
            ? 'Install the headers package of this kernel now; its successor comes in then.'
            : `No repository of this system has such headers for ${pair.target.name}.`),
        affected,
        remedies: [
          offered
            ? { command: `apt-get install ${headers}` }
            : { hint: 'Do without these modules, or enable a repository with the headers.' },
        ],
      },
    ];
  },
};

/** What DKMS knows, and packages made for it. */
function modulesIn({ facts }: CheckInput): string[] {
  const packages = facts.inventory.packages
    .filter(
      (one) =>
        one.state !== 'config-files' &&
        one.name !== 'dkms' &&
        [...one.preDepends, ...one.depends].flat().some(({ name }) => name === 'dkms' || name === 'dh-dkms'),
    )
    .map(({ name }) => name);
  return [...new Set([...packages, ...Object.keys(facts.dkmsModules ?? {})])].sort();
}

/** The source's headers metapackage that belongs to the kernel that is installed. */
function headersFor({ pair, facts }: CheckInput): string | undefined {
  const kernels = facts.inventory.packages.map(({ name }) => name).filter((name) => name in pair.kernelMetapackages);
  const [kernel = Object.entries(pair.kernelMetapackages).find(([, to]) => to === pair.defaultKernel)?.[0]] = kernels;
  const headers = kernel?.replace(/^linux-image-/, 'linux-headers-');
  return headers !== undefined && headers in pair.kernelMetapackages ? headers : undefined;
}
