import type { Check, CheckInput } from '../../../src/core/check.ts';
import type { Found } from '../../../src/core/finding.ts';

/** Source: apt.conf(5), `APT::Architecture`, `APT::Architectures`, `APT::Default-Release`, `Dir::Etc`. */
export const aptConfiguration: Check = {
  id: 'packages/apt-configuration',
  about: {
    'packages/apt-configuration': {
      text: 'apt asks dpkg for its architecture, unless a configuration file says it. Such a file would make apt go on with the old architecture while dpkg already has the new one: it would remove what the crossgrade has installed.',
      source: 'apt.conf(5), APT::Architecture and APT::Architectures',
    },
    'packages/other-sources': {
      text: 'A configuration file of apt names another file or folder of sources than /etc/apt/sources.list and /etc/apt/sources.list.d. crossgrade looks into those two alone: it would plan with other repositories than apt has.',
      source: 'apt.conf(5), Dir::Etc',
    },
    'packages/default-release': {
      text: 'A configuration file tells apt which release to prefer, and none of the repositories has it. apt then installs nothing at all, whether for a crossgrade or not.',
      source: 'apt.conf(5), APT::Default-Release; apt-get(8), --target-release',
    },
  },
  findings: (input) => [...ownArchitecture(input), ...otherSources(input), ...defaultRelease(input)],
};

function ownArchitecture({ facts }: CheckInput): Found[] {
  const files = filesWith(facts, (text) => /^\s*(APT::)?Architectures?\b/im.test(text));
  if (files.length === 0) {
    return [];
  }
  return [
    {
      id: 'packages/apt-configuration',
      severity: 'blocker',
      title: 'apt is told its architecture by a configuration file',
      detail: 'apt would go on with the old architecture when dpkg has the new one. Without the setting it asks dpkg.',
      affected: files,
      remedies: [{ hint: 'Remove the lines with APT::Architecture and APT::Architectures from these files.' }],
    },
  ];
}

const usualSources: readonly string[] = ['sources.list', 'sources.list.d'];

function otherSources({ facts }: CheckInput): Found[] {
  const places = (text: string): string[] =>
    [...text.matchAll(/\bsource(?:list|parts)\s+"?([^"\s;]*)/gi)].map(([, place = '']) => place);
  const isUsual = (place: string): boolean =>
    usualSources.includes(place.replace(/^\/etc\/apt\//, '').replace(/\/$/, ''));
  const files = filesWith(facts, (text) => places(text).some((place) => !isUsual(place)));
  if (files.length === 0) {
    return [];
  }
  return [
    {
      id: 'packages/other-sources',
      severity: 'blocker',
      title: 'apt is told to take its sources from elsewhere',
      detail:
        'crossgrade reads /etc/apt/sources.list and /etc/apt/sources.list.d, and apt would have other repositories ' +
        'than it plans with.',
      affected: files,
      remedies: [
        {
          hint: 'Take Dir::Etc::sourcelist and Dir::Etc::sourceparts out of these files, for the crossgrade at least.',
        },
      ],
    },
  ];
}

/** Only apt knows what its repositories call themselves. */
export function unknownRelease({ offers }: CheckInput): string | undefined {
  const said = offers?.conflict?.said.join('\n') ?? '';
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
