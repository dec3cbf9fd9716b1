import type { Found } from '../../../src/base/finding.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import type { StuckDrift } from '../../../src/plan/level.ts';
import { type VitalPackages, vitalPackages, vitalReason } from '../../../src/plan/vital.ts';

/** Source: dpkg(1) and the multi-arch specification: co-installable builds must have the same version. */
export const versionSkew: Check = {
  id: 'packages/version-skew',
  title: 'Libraries whose two builds differ in version',
  looksAt: { apt: 'target' },
  about: {
    'packages/version-skew': {
      text: 'dpkg has two builds of one library side by side only in exactly the same version. For these the versions differ, often only by a rebuild for one architecture, and no repository has a build of the old architecture with the target’s version. So they cannot wait beside each other: the new build is unpacked, the old one removed and the new one configured in one go, together with what depends on it, late in the crossgrade.',
      source: 'dpkg(1); Debian wiki, Multiarch; Debian Policy 4.4, binary-only rebuilds',
    },
    'packages/levelled': {
      text: 'dpkg has two builds of one library side by side only in exactly the same version. These are brought to the version that the target has before anything of the target comes, still in the old architecture, from the same repositories, with what depends on their version. Until the point of no return that can be taken back like the rest: the packages that were installed are kept as archives.',
      source: 'dpkg(1); Debian wiki, Multiarch',
    },
    'packages/vital-drift': {
      text: 'dpkg has two builds of one library side by side only in exactly the same version. What these libraries serve has to work at every moment: dpkg and apt, the start of the system, logins, the network, and what crossgrade runs itself. No repository has a build for the old architecture with the target’s version, so that there is no safe way from one to the other.',
      source: 'dpkg(1); Debian wiki, Multiarch',
    },
  },
  findings: (input) => [...levelled(input), ...stuck(input)],
};

function levelled({ solved }: CheckInput): Found[] {
  const level = solved?.plan.level ?? [];
  return level.length === 0
    ? []
    : [
        {
          id: 'packages/levelled',
          severity: 'note',
          title: 'Packages that are brought to the target’s version first',
          detail:
            'Builds of different versions do not stand side by side. These come to the version that the target has before ' +
            'the crossgrade begins; rollback brings back what is installed now.',
          affected: level.map(({ key, from, to }) => `${key} (${from ?? 'not installed'} becomes ${to})`),
          remedies: [{ hint: 'Nothing to do: it is the first wave of the plan.' }],
        },
      ];
}

function stuck({ pair, facts, solved }: CheckInput): Found[] {
  if (!solved?.stuck || solved.stuck.length === 0) return [];
  const vital = vitalPackages(facts.inventory, solved.target);
  const isVital = ({ drift }: StuckDrift): boolean => vital.has(drift.installed.name);
  const inDanger = solved.stuck.filter(isVital);
  const others = solved.stuck.filter((one) => !isVital(one));
  return [
    ...(inDanger.length === 0
      ? []
      : [
          {
            id: 'packages/vital-drift',
            severity: 'blocker' as const,
            title: 'Vital libraries whose versions differ, and cannot be brought together',
            detail: [
              `For ${pair.target.name} these libraries have another version than the one that is installed, and what needs them must work at every moment.`,
              ...inDanger.slice(0, mostExplained).map((one) => sentence(one, vital)),
            ].join(' '),
            affected: inDanger.map(words).sort(),
            remedies: [
              {
                hint: `Configure a repository that has the installed version for ${pair.target.name}, or the target’s version for ${pair.source.name}, then start again.`,
              },
            ],
          },
        ]),
    ...(others.length === 0
      ? []
      : [
          {
            id: 'packages/version-skew',
            severity: 'note' as const,
            title: 'Libraries whose builds differ in their version',
            detail:
              'Builds of different versions do not stand side by side. These, and what depends on them, go over in one go near ' +
              'the end.',
            affected: others.map(words).sort(),
            remedies: [{ hint: 'Nothing to do: the plan has an order that works.' }],
          },
        ]),
  ];
}

/** In a paragraph; the rest is told by its name alone. */
const mostExplained = 5;

function words({ drift: { installed, target: build } }: StuckDrift): string {
  return `${installed.name} (${installed.version}, ${build.version})`;
}

function sentence({ drift, reason }: StuckDrift, vital: VitalPackages): string {
  const { name } = drift.installed;
  return `${name}: ${vitalReason(vital.get(name) ?? [])}; ${reason}.`;
}
