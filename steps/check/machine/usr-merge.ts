import type { Finding, Remedy } from '../../../src/base/finding.ts';
import type { Check } from '../../../src/check/check.ts';
import type { Release } from '../../../src/debian/release.ts';

/** Source: Debian 12's release notes; the preinst scripts of usr-is-merged (12) and base-files (13). */
export const usrMerge: Check = {
  id: 'machine/usr-merge',
  title: 'The merged /usr',
  looksAt: { topics: ['/bin', '/lib', '/lib32', '/lib64', '/libo32', '/libx32', '/sbin'] },
  about: {
    'machine/usr-not-merged': {
      text:
        'Debian 12 supports only systems whose /bin, /lib and /sbin are symlinks into /usr, and from Debian 13 on ' +
        'base-files refuses to be installed where they, or /lib32 and the like, are folders.',
      source: 'Debian 12 release notes, “A merged-/usr is now required”; preinst of base-files and usr-is-merged',
    },
  },
  findings: ({ facts, survey }) => {
    const folders = survey?.hardware?.unmergedFolders ?? [];
    if (folders.length === 0) return [];
    const { severity, detail, remedy } = inRelease(facts.release);
    return [
      {
        id: 'machine/usr-not-merged',
        severity,
        title: 'This system has no merged /usr',
        detail: `${folders.join(', ')}: folders, where a merged system has symlinks into /usr. ${detail}`,
        affected: [...folders],
        remedies: [remedy],
      },
    ];
  },
};

interface Verdict {
  readonly severity: Finding['severity'];
  readonly detail: string;
  readonly remedy: Remedy;
}

/** Testing and unstable have no version. */
function inRelease({ version }: Release): Verdict {
  const remedy = { command: 'apt-get install usrmerge' };
  if (version === '' || Number(version) >= 13) {
    return {
      severity: 'blocker',
      detail: 'base-files refuses to be installed, in the middle of the crossgrade.',
      remedy,
    };
  }
  if (version === '12') {
    return { severity: 'warning', detail: 'Debian 12 does not support that any more.', remedy };
  }
  return {
    severity: 'note',
    detail: 'This release supports that, and the crossgrade leaves it as it is.',
    remedy: { hint: 'The next release wants it merged. Do that after the crossgrade: apt-get install usrmerge' },
  };
}
