/** @returns whether a package of this name brings a kernel: Debian's, or one that `make bindeb-pkg` has made */
export function isKernelImage(name: string): boolean {
  return /^linux-image-\d/.test(name) && !name.endsWith('-dbg');
}
