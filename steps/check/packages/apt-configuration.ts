import type { AptAnswers } from '../../../src/apt/apt-places.ts';
import type { Found } from '../../../src/base/finding.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';

/** Source: apt.conf(5), `APT::Architecture`, `APT::Architectures`, `APT::Default-Release`, `Dir::Etc`. */
export const aptConfiguration: Check = {
  id: 'packages/apt-configuration',
  title: 'apt’s configuration',
  about: {
    'packages/apt-configuration': {
      text: 'apt asks dpkg for its architecture, unless a configuration file says it. Such a file would make apt go on with the old architecture while dpkg already has the new one: it would remove what the crossgrade has installed.',
      source: 'apt.conf(5), APT::Architecture and APT::Architectures',
    },
    'packages/unknown-source': {
      text: 'crossgrade asks apt where its sources are, and reads them. apt names one that crossgrade has not found: the plan would be made with other repositories than apt has.',
      source: 'apt-get(8), indextargets; apt.conf(5), Dir::Etc and APT::Sources::With',
    },
    'packages/apt-not-asked': {
      text: 'Only apt knows all of its configuration. Where its programs do not run, crossgrade looks into the files that apt usually reads.',
      source: 'apt-config(8)',
    },
    'packages/default-release': {
      text: 'A configuration file tells apt which release to prefer, and none of the repositories has it. apt then installs nothing at all, whether for a crossgrade or not.',
      source: 'apt.conf(5), APT::Default-Release; apt-get(8), --target-release',
    },
  },
  findings: (input) => [
    ...ownArchitecture(input),
    ...unknownSource(input),
    ...notAsked(input),
    ...defaultRelease(input),
  ],
};

function ownArchitecture({ pair, facts, aptAnswers }: CheckInput): Found[] {
  const files = filesWith(facts, (text) => /(^|[;{]|\bAPT::)\s*Architectures?\b/im.test(text));
  const { nativeArchitecture, foreignArchitectures } = facts.inventory;
  const known = [nativeArchitecture, ...foreignArchitectures].sort().join(' ');
  const [native, ...more] = aptAnswers?.architectures ?? [];
  // A run that plans anew has let dpkg accept the target already, and does without what it has brought itself.
  const withoutTarget = (names: readonly string[]): string =>
    names
      .filter((name) => name !== pair.target.name)
      .sort()
      .join(' ');
  const isOther =
    native !== undefined &&
    (native !== nativeArchitecture ||
      withoutTarget([native, ...more]) !== withoutTarget([nativeArchitecture, ...foreignArchitectures]));
  if (files.length === 0 && !isOther) {
    return [];
  }
  return [
    {
      id: 'packages/apt-configuration',
      severity: 'blocker',
      title: 'apt is told its architecture by a configuration file',
      detail:
        'apt would go on with the old architecture when dpkg has the new one. Without the setting it asks dpkg.' +
        (isOther ? ` apt works with ${[native, ...more].join(' and ')}, dpkg with ${known}.` : ''),
      affected: files,
      remedies: [
        {
          hint:
            files.length > 0
              ? 'Remove the lines with APT::Architecture and APT::Architectures from these files.'
              : 'Find the setting: apt-config dump APT::Architecture APT::Architectures shows it; it may be in a file that another one includes.',
        },
      ],
    },
  ];
}

function unknownSource({ facts, aptAnswers }: CheckInput): Found[] {
  // In the other format apt counts stanzas.
  const isKnown = ({ file, place }: AptAnswers['sources'][number]): boolean =>
    facts.inventory.sources.some((one) => one.file === file && (file.endsWith('.sources') || one.line === place));
  const unknown = (aptAnswers?.sources ?? []).filter((one) => !isKnown(one));
  if (unknown.length === 0) return [];
  return [
    {
      id: 'packages/unknown-source',
      severity: 'blocker',
      title: 'apt has a source that crossgrade does not know',
      detail: 'crossgrade would plan with other repositories than apt has.',
      affected: unknown.map(({ file, place }) => `${file}:${place}`).sort(),
      remedies: [
        { hint: 'Move the source to a file in /etc/apt/sources.list.d whose name ends in .list or .sources.' },
      ],
    },
  ];
}

function notAsked({ facts }: CheckInput): Found[] {
  if (facts.aptPlaces.asked) return [];
  return [
    {
      id: 'packages/apt-not-asked',
      severity: 'warning',
      title: 'apt could not be asked for its configuration',
      detail:
        'apt-config does not run. What this report says of sources, settings and pins comes from the files that apt usually reads.',
      affected: [],
      remedies: [{ hint: 'What apt-config dump says shows what it lacks: mend that, then check again.' }],
    },
  ];
}

/** Only apt knows what its repositories call themselves. */
export function unknownRelease({ repositories }: CheckInput): string | undefined {
  const said = repositories?.conflict?.said.join('\n') ?? '';
  return /The value '(.*)' is invalid for APT::Default-Release/.exec(said)?.[1];
}

function defaultRelease(input: CheckInput): Found[] {
  const release = unknownRelease(input);
  if (release === undefined) {
    return [];
  }
  return [
    {
      id: 'packages/default-release',
      severity: 'blocker',
      title: 'apt is told to prefer a release that no repository has',
      detail: `APT::Default-Release is “${release}”; none of the repositories calls itself so, and apt installs nothing then.`,
      affected: filesWith(input.facts, (text) => /\bDefault-Release\b/i.test(text)),
      remedies: [{ hint: 'Correct APT::Default-Release, or take it out of apt’s configuration.' }],
    },
  ];
}

function filesWith({ aptConfiguration }: CheckInput['facts'], has: (text: string) => boolean): string[] {
  const found = Object.entries(aptConfiguration).filter(([, text]) => has(withoutComments(text)));
  return found.map(([path]) => path).sort();
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*(\/\/|#).*$/gm, '');
}
