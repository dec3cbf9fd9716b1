import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CheckReport, reportSchema } from '../../src/check/check-report-schema.ts';
import { buildDeb, waitForLiveEvent } from '../support/booted/live-host.ts';
import type { Vm } from '../support/booted/vm.ts';
import { journalOfVm, vmHost } from '../support/booted/vm-host.ts';

/** A host that is managed over a VRF, with a kernel that has them, and a real reboot. */

const minuteMs = 60_000;

/** Its only card is in a VRF with a default route of its own, and what is bound to none goes that way, too. */
const interfaces = `
auto lo
iface lo inet loopback

auto mgmt
iface mgmt inet manual
  pre-up ip link add mgmt type vrf table 10
  up ip link set mgmt up
  up ip route add unreachable default metric 4278198272 table 10
  up for f in 4 6; do ip -$f rule add pref 32765 table local; ip -$f rule del pref 0; done
  up ip rule add pref 33000 table 10

auto eth0
iface eth0 inet static
  pre-up ip link set eth0 master mgmt
  address 10.0.2.15/24
  up ip route add default via 10.0.2.2 vrf mgmt
`;
const settings = 'net.ipv4.tcp_l3mdev_accept = 1\nnet.ipv4.udp_l3mdev_accept = 1\n';

/** Another VRF, and a rule that is on the way of every login. */
const byHand = [
  'ip link add lab type vrf table 30 && ip link set lab up',
  'ip link add lab0 type dummy && ip link set lab0 master lab && ip link set lab0 up',
  'ip address add 10.30.0.1/24 dev lab0',
  'ip -6 address add 2001:db8:30::1/64 dev lab0 nodad',
  'ip route add default via 10.30.0.254 vrf lab',
  'ip rule add pref 150 from 10.0.2.15 lookup 10',
];

/** What is set, in ip's own words. */
const show = [
  'ip vrf show',
  'ip -brief address show dev lab0 scope global',
  'ip -4 route show table 30',
  'ip -4 rule',
].join('; ');

let deb: Awaited<ReturnType<typeof buildDeb>>;
let vm: Vm;

beforeAll(async () => {
  deb = await buildDeb();
});

afterAll(() => deb?.dispose());

beforeEach(async () => {
  vm = await vmHost(deb.deb);
});

afterEach(() => vm?.close());

async function check(): Promise<CheckReport['findings']> {
  const { stdout } = await vm.ssh(['crossgrade', 'check', '--json', '--scan', 'none'], { limitMs: 10 * minuteMs });
  return reportSchema.parse(JSON.parse(stdout)).findings.filter(({ id }) => id.startsWith('network/'));
}

test('a host stays reachable over its VRF, and what was set by hand comes back by the commands', async () => {
  await vm.newSshLogin(['sh', '-c', 'cat > /etc/network/interfaces'], { input: interfaces });
  await vm.newSshLogin(['sh', '-c', 'cat > /etc/sysctl.d/vrf.conf'], { input: settings });
  await vm.reboot();
  expect((await check()).map(({ id, affected }) => [id, affected])).toEqual([
    ['network/login-path', ['ssh from 10.0.2.2 to 10.0.2.15 port 22; back by interface eth0, VRF mgmt, table 10']],
  ]);

  for (const command of byHand) await vm.newSshLogin(['sh', '-c', command]);
  const before = await vm.newSshLogin(['sh', '-c', show]);
  const found = await check();
  expect(found.map(({ id, affected }) => [id, affected])).toEqual([
    [
      'network/login-path-at-risk',
      [expect.stringContaining('VRF mgmt'), 'the IPv4 rule 150: from 10.0.2.15 lookup 10'],
    ],
    [
      'network/run-time-only',
      [
        'the VRF lab',
        'the dummy interface lab0',
        'that the interface lab0 belongs to the VRF lab',
        'the address 10.30.0.1/24 of lab0',
        'the address 2001:db8:30::1/64 of lab0',
        'the IPv4 route default via 10.30.0.254 dev lab0 table 30',
      ],
    ],
  ]);

  await vm.newSshLogin(['sh', '-c', `echo '{"reboot":"automatic"}' > /root/answers.json`]);
  const run = await vm.ssh(['crossgrade', 'run', '--yes', '--answers', '/root/answers.json'], {
    limitMs: 40 * minuteMs,
  });
  console.info(`${run.stdout}\n${run.stderr}`);
  expect(run).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('CG0250') });
  expect(run.stderr).toContain('It does not reboot by itself');
  await vm.reboot();
  expect((await vm.newSshLogin(['uname', '-m'])).trim()).toBe('x86_64');

  // The run goes on by itself, and first of all looks at the network.
  const warning = await waitForLiveEvent(
    journalOfVm(vm),
    (event) => event.type === 'step-warning' && event.step.startsWith('prepare/'),
  );
  console.info(await vm.newSshLogin(['crossgrade', 'status']));
  await waitForLiveEvent(journalOfVm(vm), (event) => event.type === 'run-finished', 60 * minuteMs);
  console.info((await vm.ssh(['crossgrade', 'verify'], { limitMs: 10 * minuteMs })).stdout);
  const verify = await vm.ssh(['crossgrade', 'verify', '--output', 'json'], { limitMs: 10 * minuteMs });
  expect(verify.exitCode).toBe(1);
  const { differences } = JSON.parse(verify.stdout) as {
    differences: { what: string; explanation: string | null; command?: string }[];
  };
  const open = differences.filter(({ explanation }) => explanation === null);
  expect(warning).toMatchObject({ details: expect.arrayContaining(open.map(({ what }) => what)) });
  const commands = open.map(({ command }) => command);
  expect(commands).toEqual([
    'ip link add lab type vrf table 30 && ip link set lab up',
    'ip link add lab0 type dummy && ip link set lab0 master lab && ip link set lab0 up',
    'ip address replace 10.30.0.1/24 dev lab0',
    'ip address replace 2001:db8:30::1/64 dev lab0',
    'ip -4 route add default via 10.30.0.254 dev lab0 table 30',
    'ip -4 rule add priority 150 from 10.0.2.15 lookup 10',
  ]);
  for (const command of commands) await vm.newSshLogin(['sh', '-c', command ?? 'false']);
  expect(await vm.newSshLogin(['sh', '-c', show])).toBe(before);
  expect((await vm.ssh(['crossgrade', 'verify'], { limitMs: 10 * minuteMs })).exitCode).toBe(0);
});
