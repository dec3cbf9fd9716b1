import type { Check } from '../../../src/core/check.ts';

/** Source: apt.conf(5), `APT::Architecture`, `APT::Architectures`. */
export const aptConfiguration: Check = {
  id: 'packages/apt-configuration',
  about: {
    'packages/apt-configuration': {
      text: 'apt asks dpkg for its architecture, unless a configuration file says it. Such a file would make apt go on with the old architecture while dpkg already has the new one: it would remove what the crossgrade has installed.',
      source: 'apt.conf(5), APT::Architecture and APT::Architectures',
    },
  },
  findings: ({ facts }) => {
    const files = Object.entries(facts.aptConfiguration)
      .filter(([, text]) => /^\s*(APT::)?Architectures?\b/im.test(withoutComments(text)))
      .map(([path]) => path);
    if (files.length === 0) {
      return [];
    }
    return [
      {
        id: 'packages/apt-configuration',
        severity: 'blocker',
        title: 'apt is told its architecture by a configuration file',
        detail:
          'apt would go on with the old architecture when dpkg has the new one. Without the setting it asks dpkg.',
        affected: files.sort(),
        remedies: [{ hint: 'Remove the lines with APT::Architecture and APT::Architectures from these files.' }],
      },
    ];
  },
};

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*(\/\/|#).*$/gm, '');
}
