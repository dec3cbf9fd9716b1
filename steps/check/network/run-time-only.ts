import { rebootNeed } from '../../../src/boot/reboot-need.ts';
import type { Check } from '../../../src/check/check.ts';
import { remediesFor } from '../../../src/network/network-remedies.ts';
import { loginRisks, runTimeOnlyOf } from '../../../src/network/run-time-only.ts';

/** Source: interfaces(5), systemd.network(5), nft(8), iptables-save(8). */
export const runTimeOnly: Check = {
  id: 'network/run-time-only',
  title: 'Network settings that a reboot would lose',
  looksAt: { only: 'host', parts: ['network'] },
  about: {
    'network/run-time-only': {
      text:
        'An address, route, rule or VRF that was set by hand, with ip, nft or iptables, is gone when the kernel starts ' +
        'anew, and so with the reboot in the middle of a crossgrade. crossgrade looks for each of them in the files that ' +
        'it knows: those of ifupdown, systemd-networkd, NetworkManager, netplan, nftables, iptables-persistent, WireGuard ' +
        'and sysctl, hooks of ifupdown and DHCP, rc.local, cron’s @reboot, your own units, and the scripts that all of ' +
        'these name. A file counts only when the host goes by it when it starts. What a program of another kind sets ' +
        'is not known, and may come back all the same; what DHCP, routers, containers, virtual machines and VPNs set is left out.',
      source: 'ip(8), interfaces(5), systemd.network(5), nftables.service, netfilter-persistent(8)',
    },
  },
  findings: (input) => {
    const { network } = input.survey ?? {};
    if (!input.survey || !network) return [];
    const items = runTimeOnlyOf(input.survey);
    // They are told with the way of the login.
    const told = loginRisks(items, network.network);
    const found = items.filter((item) => !told.includes(item));
    if (found.length === 0) return [];
    const when = rebootNeed(input) === 'yes' ? 'the reboot in the middle of the crossgrade' : 'the next reboot';
    return [
      {
        id: 'network/run-time-only',
        severity: 'warning',
        title: 'Parts of the network are set now, but would not be after a reboot',
        detail: `They are in no configuration file that crossgrade knows, so ${when} may lose them.`,
        affected: found.map(({ what }) => what),
        remedies: remediesFor(found, network.files),
      },
    ];
  },
};
