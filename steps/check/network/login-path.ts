import { rebootNeed } from '../../../src/boot/reboot-need.ts';
import type { Check } from '../../../src/check/check.ts';
import { type LoginPath, type Network, wordOf } from '../../../src/network/network.ts';
import { remediesFor } from '../../../src/network/network-remedies.ts';
import { loginRisks, runTimeOnlyOf } from '../../../src/network/run-time-only.ts';

/** Source: ip-route(8), `ip route get`; ip-vrf(8); ss(8). */
export const loginPath: Check = {
  id: 'network/login-path',
  title: 'The way by which this host is managed',
  looksAt: { only: 'host', parts: ['network'] },
  about: {
    'network/login-path': {
      text:
        'The way by which whoever is logged in over ssh reaches this host: its address, the interface or VRF, and the ' +
        'route and table by which answers go back. After the reboot, and at the end, crossgrade looks whether the same ' +
        'way is there.',
      source: 'ip-route(8), ip-rule(8), ip-vrf(8), ss(8)',
    },
    'network/login-path-at-risk': {
      text:
        'Something on the way by which you are logged in is in no configuration file that crossgrade knows. After a ' +
        'reboot the host might run well, and nobody could log in to it but at its console.',
      source: 'ip-route(8), ip-rule(8), ip-vrf(8), ss(8)',
    },
  },
  findings: (input) => {
    const network = input.survey?.network?.network;
    if (!input.survey || !network || network.logins.length === 0) return [];
    const risks = loginRisks(runTimeOnlyOf(input.survey), network);
    const ways = [...new Set(network.logins.map((login) => wayInWords(login, network)))].sort();
    if (risks.length === 0) {
      return [
        {
          id: 'network/login-path',
          severity: 'note',
          title: 'The way by which this host is managed',
          detail: 'crossgrade looks for it again after the reboot, and at the end.',
          affected: ways,
          remedies: [{ hint: 'Have another way in, should this one fail: the console, or a serial line.' }],
        },
      ];
    }
    const reboots = rebootNeed(input) === 'yes' ? 'The crossgrade reboots this host, and would wait for you. ' : '';
    return [
      {
        id: 'network/login-path-at-risk',
        severity: 'warning',
        title: 'After a reboot you might not be able to log in as you are logged in now',
        detail: `The way depends on what is in no configuration file that crossgrade knows. ${reboots}Write it down before, or see that you can get at the console.`,
        affected: [...ways, ...risks.map(({ what }) => what)],
        remedies: remediesFor(risks, input.survey.network?.files ?? []),
      },
    ];
  },
};

/** `ssh from 192.0.2.9 to 10.9.0.5 port 22, VRF mgmt; back by 10.9.0.1, dev eth1, table 10` */
function wayInWords({ local, port, device, peer, way }: LoginPath, { links }: Network): string {
  const dev = wordOf(way, 'dev');
  const via = wordOf(way, 'via');
  const table = wordOf(way, 'table');
  const master = links.find(({ name }) => name === dev)?.master;
  const vrf = [device, master].find((name) => links.some((link) => link.name === name && link.kind === 'vrf'));
  const back = [
    ...(via === undefined ? [] : [`gateway ${via}`]),
    ...(dev === undefined ? [] : [`interface ${dev}`]),
    ...(vrf === undefined ? [] : [`VRF ${vrf}`]),
    ...(table === undefined ? [] : [`table ${table}`]),
  ];
  return `ssh from ${peer} to ${local} port ${port}; back by ${back.join(', ') || 'no route'}`;
}
