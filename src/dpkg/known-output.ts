/** What dpkg and maintainer scripts print in every crossgrade, looks like an error, and is none. */
export interface KnownOutput {
  /** Whole lines, their ends included. */
  readonly pattern: RegExp;
  readonly reason: string;
}

const forced = 'dpkg: warning: overriding problem because --force enabled:\\n';

export const knownOutput: readonly KnownOutput[] = [
  {
    pattern: new RegExp(
      `^${forced}dpkg: warning: this is (an essential|a protected) package; it should not be removed\\n`,
      'gm',
    ),
    reason: 'it is the old build of a package whose new build is installed; dpkg has no other way to say so',
  },
  {
    pattern: new RegExp(
      `^${forced}dpkg: warning: trying to overwrite shared '.*', which is different from other instances of package .*\\n`,
      'gm',
    ),
    reason: 'found in the archives before the first change; nothing uses the old build any more',
  },
  {
    pattern: /^dpkg: warning: while removing \S+, directory '\/usr\/lib(64|\/[^/']+)' not empty so not removed\n/gm,
    reason:
      'another package still has files in it, which it names /lib instead of /usr/lib; it removes the directory later',
  },
  {
    pattern:
      /^dpkg-query: error: --listfiles needs a valid package name but '.*' is not: ambiguous package name .*\n\n?(Use --help .*\n)?(python3\S*: can't get files for byte-compilation\n)?/gm,
    reason:
      'a script of a Python package (python3-tk) does not say which of its two builds it means; the compiled files ' +
      'that are there serve both',
  },
  {
    pattern: /^invoke-rc\.d: policy-rc\.d denied execution of .*\n/gm,
    reason: 'no service is started or stopped in a root that is not the running system',
  },
];

/** @returns the text without what is known to be no error; everything else as it was */
export function withoutKnownOutput(text: string): string {
  return knownOutput.reduce((rest, { pattern }) => rest.replace(pattern, ''), text);
}
