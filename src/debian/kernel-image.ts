import type { ArchitecturePair } from './architecture.ts';

/** @returns whether a package of this name brings a kernel: Debian's, or one that `make bindeb-pkg` has made */
export function isKernelImage(name: string): boolean {
  return /^linux-image-\d/.test(name) && !name.endsWith('-dbg');
}

/** A kernel of the source, or its headers: of a version, or a metapackage that the target's takes the place of. */
export function isOldKernel(name: string, pair: ArchitecturePair): boolean {
  return pair.versionedKernel.test(name) || name in pair.kernelMetapackages;
}
