import type { Check, CheckInput } from '../../../src/core/check.ts';

/** Source: the release notes; Debian 13 has no i386 kernel, and every release since Debian 7 an amd64 one. */
export const targetKernel: Check = {
  id: 'packages/target-kernel',
  about: {
    'packages/no-target-kernel': {
      text: 'This system has a kernel of its own as a package. The repositories have none for the target architecture: the system could not boot any more.',
      source: 'release notes of Debian; uname(2)',
    },
  },
  findings: (input) => {
    const { pair, solved } = input;
    const kernels = sourceKernels(input);
    if (solved === undefined || kernels.length === 0 || solved.target.packages.some(({ name }) => isKernel(name))) {
      return [];
    }
    return [
      {
        id: 'packages/no-target-kernel',
        severity: 'blocker',
        title: `No repository has a kernel for ${pair.target.name}`,
        detail: `The ${pair.source.name} kernels would go, and ${pair.defaultKernel} cannot be had.`,
        affected: kernels,
        remedies: [
          { hint: `Enable a repository of this release, or a newer one, that has ${pair.defaultKernel}.` },
          { hint: 'A system that boots a kernel from elsewhere needs none: remove the kernel packages then.' },
        ],
      },
    ];
  },
};

function sourceKernels({ pair, facts }: CheckInput): string[] {
  return facts.inventory.packages
    .filter((one) => isKernel(one.name) && one.architecture === pair.source.name && one.state !== 'config-files')
    .map(({ name }) => name)
    .sort();
}

function isKernel(name: string): boolean {
  return /^linux-image-\d/.test(name);
}
