/** What git, Mercurial, Bazaar, Darcs and Subversion keep for themselves, and etckeeper's record of owners and modes. */
const ofVersionControl = /^\/etc\/(.*\/)?(\.git|\.hg|\.bzr|_darcs|\.svn)(\/|$)|^\/etc\/\.etckeeper$/;

/** @returns whether a path below /etc is no configuration, but a version control system's own */
export function isOfVersionControl(path: string): boolean {
  return ofVersionControl.test(path);
}
