import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandResult, RootPath } from '../../../src/base/root.ts';
import { awaitReboot } from '../../../src/boot/system/await-reboot.ts';
import { drawLastFrame } from '../../../src/cli/screen/frame-end.ts';
import { applyEvent, createRunView } from '../../../src/cli/screen/run-view.ts';
import { createPlainScreen } from '../../../src/cli/screen/screen-plain.ts';
import { plainLook } from '../../../src/cli/screen/terminal.ts';
import { compareSinceReboot, readNetworkState } from '../../../src/network/system/reboot-network.ts';
import type { RunEvent } from '../../../src/run/event.ts';
import { defaultAsked } from '../../../src/state/state.ts';
import { StateStore } from '../../../src/state/system/state-store.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { readNetworkRecording } from '../../support/recorded/network-recordings.ts';
import { begunState } from '../../support/recorded/run-files.ts';
import { World } from '../../support/recorded/world.ts';

/** A host whose programs say what was recorded of a network with a VRF, and to which somebody is logged in through it. */
class RecordedMachine extends MemoryMachine {
  readonly said: Record<string, string> = { ...readNetworkRecording('bookworm'), ...ofOthers };
  bootId = 'first';

  constructor() {
    super(['live', 'init', 'boot', 'network']);
  }

  override async run(argv: readonly string[]): Promise<CommandResult> {
    await super.run(argv);
    const stdout = this.said[argv.join(' ')];
    return { exitCode: stdout === undefined ? 1 : 0, stdout: stdout ?? '', stderr: '' };
  }

  override async runningKernel(): Promise<{ machine: string; release: string; bootId: string }> {
    return { machine: 'i686', release: '6.1.0-50-686-pae', bootId: this.bootId };
  }
}

const ofOthers = {
  'id -u': '0\n',
  'grub-reboot new': '',
  'systemctl is-system-running': 'running\n',
  'systemctl is-enabled networking.service': 'enabled\n',
  'ss -H -n -t -l': 'LISTEN 0 5 0.0.0.0%mgmt:22 0.0.0.0:*\n',
  'ss -H -n -t -p state established': '0 0 10.9.0.5%mgmt:22 10.50.0.1:50832 users:(("sshd",pid=218,fd=5))\n',
  'ip route get 10.50.0.1 from 10.9.0.5 vrf mgmt':
    '10.50.0.1 from 10.9.0.5 via 10.9.0.1 dev eth1 table 10 uid 0 \n    cache \n',
};

/** Everything of the recording but the default route of the VRF. */
const interfaces = `auto eth0 eth1 br0 v0
# eth0 and eth1 are dummy interfaces there
iface eth0 inet static
  address 192.0.2.10
  address 10.7.0.1
  address 2001:db8:1::10
  address 10.99.0.1
  up ip link add eth0.30; ip link add mgmt table 10; ip link set eth1 master mgmt; ip link add v0 peer v1
  up ip route add default via 192.0.2.1
  up ip -6 route add default via 2001:db8:1::1
  up ip route add unreachable default table 10
  up ip route add 10.20.0.0/16 via 192.0.2.2; ip route add 10.21.0.0/16 via 192.0.2.3; ip route add 10.22.0.0/16; ip route add 10.23.0.0/16
  up ip route add 10.24.0.0/16 via fe80::1; ip route add 10.25.0.0/16 table 100; ip route add 10.26.0.0/16 via 192.0.2.9
  up ip route add 203.0.113.0/24 via 198.51.100.77 table 100; ip route add 2001:db8:20::/48 via 2001:db8:1::3; ip route add 2001:db8:22::/48
  up ip -6 route add default via 2001:db8:9::1 table 10
  up ip rule add pref 32765 local; ip rule add fwmark 1 table 200; ip rule add iif eth0 to 10.1.0.0/16; ip rule add dport 22 table 100
  up ip rule add uidrange 1000-1005 table 100; ip rule add pref 240 main; ip rule add fwmark 0xca6c 51820; ip rule add 10.3.0.0/16 goto 32766
  up ip rule add 10.4.0.0/16 uplink; ip rule add oif eth1 table 100; ip rule add 10.5.0.0/16; ip rule add 10.6.0.0/16; ip rule add 2001:db8:5::/48 table 100
  up nft -f /etc/rules
iface eth1 inet static
  address 10.9.0.5
  address 2001:db8:9::5
iface br0 inet static
  address 10.30.0.1
`;

let machine: RecordedMachine;
let store: StateStore;
let events: RunEvent[];
const { context: world, target } = new World('bookworm-minimal');

beforeEach(async () => {
  machine = new RecordedMachine();
  store = new StateStore(machine);
  events = [];
  await machine.write('/etc/network/interfaces', interfaces);
  await store.begin({ ...begunState, version: 1, bootId: 'first' }, world.plan, target, {});
});

const observe = (event: RunEvent): void => {
  events.push(event);
};

async function reboot(): Promise<unknown> {
  const context = { ...world, facts: { ...world.facts, runningKernel: await machine.runningKernel() } };
  const { pair } = world;
  const interruption = { requested: false };
  const performance = { machine, store, pair, target, step: 'kernel/boot-new-kernel', context, observe, interruption };
  return awaitReboot(performance, {
    do: 'await-reboot',
    kernel: '6.1.0-50-amd64',
    entry: 'new',
    hasWayBack: true,
    automatic: true,
  }).catch((error: unknown) => error);
}

const route = 'the IPv4 route default via 10.9.0.1 dev eth1 table 10';
const isReboot = (command: string) => /systemd-run|systemctl.* reboot/.test(command);

describe('before a reboot', () => {
  test('what it loses is told; the host is not rebooted by itself when that is the way of a login', async () => {
    expect(await reboot()).toMatchObject({
      code: 'CG0250',
      message: 'The host has to be rebooted into the new kernel.',
      details: [
        expect.stringContaining('booted once'),
        `lost with the reboot: ${route}`,
        expect.stringContaining('does not reboot by itself'),
      ],
    });
    expect(events).toEqual([
      expect.objectContaining({ type: 'step-warning', step: 'kernel/boot-new-kernel', details: [route] }),
    ]);
    expect(machine.commands.filter(isReboot)).toEqual([]);
  });

  test('it comes by itself where all of the way is in a file', async () => {
    await machine.write('/etc/network/interfaces', `${interfaces}  up ip route add default via 10.9.0.1 table 10\n`);
    machine.said['systemd-run --quiet --on-active=10s --timer-property=AccuracySec=1s systemctl reboot'] = '';
    expect(await reboot()).toMatchObject({ message: expect.stringMatching(/^The host reboots .* in 10 seconds/) });
    expect(events).toEqual([]);
    expect(machine.commands.filter(isReboot)).not.toEqual([]);
  });

  test('whoever was asked to make the new kernel the default is asked again when the old one has come up', async () => {
    await store.update({ milestones: { [defaultAsked]: 'then', other: 'then' } });
    await reboot();
    expect(store.state.milestones).toEqual({ other: 'then' });
  });

  test('where systemd refuses it, that is told, and nobody waits for it', async () => {
    await machine.write('/etc/network/interfaces', `${interfaces}  up ip route add default via 10.9.0.1 table 10\n`);
    expect(await reboot()).toMatchObject({
      message: 'The host has to be rebooted into the new kernel.',
      details: [expect.stringContaining('booted once'), expect.stringContaining('systemd could not be asked')],
      hint: expect.stringContaining('type crossgrade resume'),
    });
  });

  test('a record is made, and the way of who was logged in before is kept', async () => {
    await reboot();
    machine.said['ss -H -n -t -p state established'] = '';
    await reboot();
    const record = JSON.parse(machine.files.get('/var/lib/crossgrade/before-reboot/network.json') ?? '{}');
    expect(record).toMatchObject({ bootId: 'first', network: { logins: [{ peer: '10.50.0.1', device: 'mgmt' }] } });
    expect(
      [...machine.files.keys()].filter((path: RootPath) => path.startsWith('/var/lib/crossgrade/before-reboot/')),
    ).toContain('/var/lib/crossgrade/before-reboot/nft-inet-filter.nft');
  });
});

describe('after a reboot', () => {
  const step = 'prepare/compare-network';

  beforeEach(async () => {
    await reboot();
    machine.bootId = 'second';
    events = [];
  });

  test('nothing is said where all has come back, and nothing is left to be compared', async () => {
    await compareSinceReboot({ machine, step, observe }, 0);
    expect(events).toEqual([]);
    expect(await readNetworkState(machine)).toEqual({ bootId: 'first', comparedIn: 'second' });
    expect(machine.files.has('/etc/motd.d/crossgrade')).toBe(false);
  });

  test('what has not is a warning with the command, which stays on the screens, and at logins', async () => {
    const routes = 'ip -4 route show table all';
    machine.said[routes] = (machine.said[routes] ?? '').replace('default via 10.9.0.1 dev eth1 table 10', '');
    machine.said['ip route get 10.50.0.1 from 10.9.0.5 vrf mgmt'] = '';
    await compareSinceReboot({ machine, step, observe }, 0);
    const [warning] = events;
    expect(warning).toEqual({
      type: 'step-warning',
      step,
      text: 'The network is not as it was before the reboot',
      details: [
        `${route} is gone`,
        '  ip -4 route add default via 10.9.0.1 dev eth1 table 10',
        'the way to 10.50.0.1, from where somebody was logged in, is closed; before, it was 10.50.0.1 via 10.9.0.1 dev eth1 table 10',
      ],
    });
    expect(machine.files.get('/etc/motd.d/crossgrade')).toContain('crossgrade status');

    const all: RunEvent[] = [
      { type: 'run-started', root: '/', resumed: true, steps: [{ id: step, title: 'Look', phase: 'prepare' }] },
      { type: 'step-started', step, title: 'Look' },
      warning as RunEvent,
      { type: 'step-finished', step, seconds: 3 },
      { type: 'run-finished', seconds: 3 },
    ];
    const stream = new PassThrough({ encoding: 'utf8' });
    const screen = createPlainScreen({ stream: Object.assign(stream, { isTTY: false }), environment: {} } as never);
    for (const event of all) screen.observe(event);
    const written = String(stream.read());
    expect(written).toContain('warning: The network is not as it was before the reboot\n');
    expect(written).toContain('  ip -4 route add default via 10.9.0.1 dev eth1 table 10\n');

    const view = createRunView(all[0] as Extract<RunEvent, { type: 'run-started' }>, 0);
    for (const event of all.slice(1)) applyEvent(view, event, 0);
    const lines = drawLastFrame(view, { look: plainLook, columns: 80, rows: 24, now: 0, tick: 0 });
    expect(lines).toContain('      ! The network is not as it was before the reboot');
    expect(lines.join('\n')).toContain('          ip -4 route add default via 10.9.0.1 dev eth1 table 10');
  });
});
