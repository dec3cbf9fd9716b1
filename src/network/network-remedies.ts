import type { Remedy } from '../base/finding.ts';
import { type ConfigurationFile, lookedAt } from './network-files.ts';
import type { RunTimeOnly } from './run-time-only.ts';

/** Where to write down what would be lost, in the words of the file, and what was looked at. */
export function remediesFor(found: readonly RunTimeOnly[], files: readonly ConfigurationFile[]): Remedy[] {
  return [...whereToWrite(found, files), ...whereLooked(files)];
}

function whereToWrite(found: readonly RunTimeOnly[], files: readonly ConfigurationFile[]): Remedy[] {
  const commands = found.flatMap(({ command }) => (command === undefined ? [] : [command]));
  const hasInterfaces = files.some(({ path, unused }) => path === '/etc/network/interfaces' && unused === undefined);
  return [
    ...(commands.length === 0
      ? []
      : hasInterfaces
        ? [
            { hint: 'Write them down in /etc/network/interfaces, below the interface that each belongs to:' },
            ...commands.map((command) => ({ hint: `post-up ${command}` })),
          ]
        : [
            {
              hint: 'Write them down where your network is set up, or in a unit that runs these commands at each start:',
            },
            ...commands.map((command) => ({ hint: command })),
          ]),
    ...(found.some(({ kind }) => kind === 'filter') ? filterRemedies(files) : []),
  ];
}

function filterRemedies(files: readonly ConfigurationFile[]): Remedy[] {
  const nftables = files.find(({ path }) => path === '/etc/nftables.conf');
  const iptables = files.find(({ path }) => path.startsWith('/etc/iptables/rules.'));
  if (iptables && iptables.unused === undefined) {
    return [{ hint: 'Rules of iptables are written down by:' }, { command: 'netfilter-persistent save' }];
  }
  return nftables?.unused === undefined
    ? [{ hint: 'Write the rules of the packet filter down in /etc/nftables.conf. nft list ruleset shows them all.' }]
    : [
        {
          hint: `/etc/nftables.conf is not loaded at the start (${nftables.unused}). See that it has the rules, then:`,
        },
        { command: 'systemctl enable nftables.service' },
      ];
}

const fewPaths = 8;

function whereLooked(files: readonly ConfigurationFile[]): Remedy[] {
  const { used, unused } = lookedAt(files);
  const list = (paths: readonly string[]) =>
    paths.slice(0, fewPaths).join(', ') + (paths.length > fewPaths ? ` and ${paths.length - fewPaths} more` : '');
  return [
    ...(used.length > 0 ? [{ hint: `Looked at: ${list(used)}.` }] : []),
    ...(unused.length > 0 ? [{ hint: `Not used at the start: ${list(unused)}.` }] : []),
  ];
}
