import type { Remedy } from '../../../src/base/finding.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { keptPackages } from '../../../src/check/kept-packages.ts';
import { noCounterpartQuestion } from '../../../src/check/no-counterpart.ts';

/** Source: the package descriptions; Wine's own message for prefixes. */
export const sourceOnly: Check = {
  id: 'software/source-only',
  title: 'Software that stays 32-bit, as Wine and Steam',
  looksAt: { parts: ['files'] },
  about: {
    'software/source-only': {
      text: 'Software of which the 32-bit build is needed even on a 64-bit system: Wine for Windows programs of 32 bit, and Steam. A Wine folder that was made by the 32-bit Wine cannot be used by the 64-bit one: “is a 32-bit installation, it cannot support 64-bit applications”.',
      source:
        'Debian wiki, Wine and Steam: both need 32-bit packages on a 64-bit system; Wine, dlls/ntdll/unix/server.c, its message',
    },
  },
  findings: (input) => {
    const { pair, facts, survey } = input;
    // Checks on a report alone: a run asks what becomes of packages without a counterpart.
    if (survey === undefined) {
      return [];
    }
    const { source } = pair;
    const packages = facts.inventory.packages
      .filter(
        (one) => one.state !== 'config-files' && one.architecture === source.name && pair.sourceOnly.includes(one.name),
      )
      .map((one) => one.name);
    const prefixes = (survey.software?.winePrefixes ?? []).map((path) => `Wine folder ${path}`);
    if (packages.length + prefixes.length === 0) {
      return [];
    }
    const kept = new Set(keptPackages(input));
    const allStay = packages.length > 0 && packages.every((name) => kept.has(name));
    return [
      {
        id: 'software/source-only',
        severity: allStay && prefixes.length === 0 ? 'note' : 'warning',
        title: 'Software that is needed in 32 bit even afterwards',
        detail:
          `Windows programs of 32 bit, and Steam, need ${source.name} packages on ${pair.target.name} systems, too. ` +
          (allStay
            ? 'The packages named stay, as decided, with the libraries that they need, and go on working.'
            : `They can stay, with the libraries that they need, if dpkg goes on accepting ${source.name}.`),
        affected: [...new Set(packages), ...prefixes].sort(),
        remedies: [
          ...(allStay ? [] : waysToKeep(packages, input)),
          ...(prefixes.length === 0
            ? []
            : [{ hint: 'Copy each Wine folder before: its programs and documents are in it.' }]),
        ],
      },
    ];
  },
};

/** Only what has no build for the target can stay as it is. */
function waysToKeep(packages: readonly string[], { pair, solved }: CheckInput): Remedy[] {
  const missing = new Set(solved?.target.missing ?? []);
  const canStay = packages.length > 0 && packages.every((name) => missing.has(name));
  return canStay
    ? [
        { decision: noCounterpartQuestion },
        { hint: `With “keep” they stay ${pair.source.name} packages. Or install them again after the crossgrade.` },
      ]
    : [{ hint: `Install them again as ${pair.source.name} packages after the crossgrade.` }];
}
