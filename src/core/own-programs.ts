/** Packages whose programs crossgrade runs itself. */
export const ownProgramPackages: ReadonlySet<string> = new Set(['util-linux']);
