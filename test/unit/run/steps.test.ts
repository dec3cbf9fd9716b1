import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bootDefaultFile, engineAtBootLink, stateFolder } from '../../../src/base/own-paths.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import { heldInstances } from '../../../src/debian/package-states.ts';
import type { Facts } from '../../../src/run/facts.ts';
import type { Step } from '../../../src/run/step.ts';
import { steps } from '../../../steps/index.ts';
import { newKernel } from '../../../steps/new-kernel.ts';
import { offerTargetArchitecture } from '../../../steps/prepare/offer-target-architecture.ts';
import { type HostName, readHost, recordedHosts } from '../../support/recorded/hosts.ts';
import { World } from '../../support/recorded/world.ts';

/** What there is to do for sources, and for etckeeper, as well. */
const restricted = {
  etckeeper: true as const,
  sourceFiles: { '/etc/apt/sources.list': 'deb [arch=i386] http://mirror.example/debian bookworm main\n' },
};

const top = new URL('../../../', import.meta.url);
const phases = ['prepare', 'kernel', 'switch', 'finish'];

/** Does a step as the engine does; stops after so many actions. */
function take(world: World, step: Step, actions = Number.POSITIVE_INFINITY): void {
  if (step.remaining(world.context).length === 0) return;
  step.plan(world.context).forEach((action, index) => {
    if (index < actions) world.apply(action);
  });
}

function takeAll(world: World): void {
  for (const step of steps) take(world, step);
}

const undoable = steps.filter((step) => step.undo !== 'point of no return');

function takeBack(world: World): void {
  for (const { undo } of [...undoable].reverse()) {
    if (undo !== 'point of no return') for (const action of undo(world.context)) world.apply(action);
  }
}

/** What matters of a root, to compare two. */
function essence({ context: { facts } }: World): unknown {
  const { inventory, milestones, archives, ...rest } = facts;
  return {
    ...rest,
    archives: Object.keys(archives),
    milestones: Object.keys(milestones).sort(),
    native: inventory.nativeArchitecture,
    foreign: inventory.foreignArchitectures,
    packages: inventory.packages.map((one) => `${instanceKey(one)} ${one.version} ${one.state} ${one.want}`).sort(),
    automatic: [...inventory.automatic].sort(),
  };
}

describe('the steps', () => {
  test('have each an id of their own, which is also their file', () => {
    const ids = steps.map((step) => step.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(existsSync(new URL(`steps/${id}.ts`, top)), id).toBe(true);
  });

  test('are all in the order', () => {
    const files = phases.flatMap((phase) =>
      readdirSync(new URL(`steps/${phase}/`, top)).map((file) => `${phase}/${file.replace(/\.ts$/, '')}`),
    );
    expect([...files].sort()).toEqual(steps.map((step) => step.id as string).sort());
  });

  test('go through the phases in their order', () => {
    const order = steps.map((step) => phases.indexOf(step.id.slice(0, step.id.indexOf('/'))));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('can be taken back up to the point of no return, and none after it', () => {
    const first = steps.findIndex((step) => step.undo === 'point of no return');
    expect(steps[first]?.id).toBe('switch/replace-core');
    expect(steps.map((step) => step.undo === 'point of no return')).toEqual(steps.map((_, index) => index >= first));
  });

  test('guard apt right after the record, which has apt’s settings as they were', () => {
    const ids = steps.map(({ id }) => id);
    expect(ids.indexOf('prepare/guard-apt')).toBe(ids.indexOf('prepare/record-before') + 1);
  });

  test('say what they do and why, in one line, and where they know it from', () => {
    for (const { id, title, why, purpose } of steps) {
      expect(title, id).toMatch(/^[A-Z].*[^.]$/);
      expect(why, id).toMatch(/^\S.*\.$/);
      expect(purpose, id).toMatch(/^[A-Z].*\.$/);
      expect(readFileSync(new URL(`steps/${id}.ts`, top), 'utf8'), id).toMatch(/\/\*\* (Source: |A moment )/);
    }
  });
});

/** Files of ours that are not in the folder of what a run keeps. */
function ownOutside(world: World): string[] {
  return Object.keys(world.context.facts.ownFiles).filter((path) => !path.startsWith(`${stateFolder}/`));
}

describe.each(recordedHosts)('on %s', (host: HostName) => {
  test('each step has a plan while something remains, and nothing remains when it was done', () => {
    const world = new World(host, restricted);
    for (const step of steps) {
      if (step.remaining(world.context).length > 0) {
        expect(step.plan(world.context), step.id).not.toEqual([]);
        take(world, step);
      }
      expect(step.remaining(world.context), step.id).toEqual([]);
    }
  });

  test('at every moment, whatever remains has a plan, and nothing that was done remains', () => {
    const world = new World(host, restricted);
    steps.forEach((step, index) => {
      take(world, step);
      for (const other of steps) {
        const remains = other.remaining(world.context).length > 0;
        if (remains) expect(other.plan(world.context), `${other.id} after ${step.id}`).not.toEqual([]);
        if (remains) expect(steps.indexOf(other), `${other.id} after ${step.id}`).toBeGreaterThan(index);
      }
    });
  });

  test('the end is what the plan foretold', () => {
    const world = new World(host, restricted);
    takeAll(world);
    const { plan, facts, pair } = world.context;
    const there = facts.inventory.packages.map((one) => [instanceKey(one), one.version]);
    expect(Object.fromEntries(there)).toEqual(plan.endState);
    expect(facts.inventory).toMatchObject({ nativeArchitecture: pair.target.name, foreignArchitectures: [] });
    expect(facts.archives).toEqual({});
    expect(ownOutside(world)).toEqual([]);
  });

  test('a crossgrade that stops before the point of no return can be taken back, wherever it stops', () => {
    const { ownFiles: _, milestones: __, ...begin } = essence(new World(host, restricted)) as Facts;
    undoable.forEach((last, index) => {
      const world = new World(host, restricted);
      for (const step of undoable.slice(0, index + 1)) take(world, step);
      takeBack(world);
      const { ownFiles: ___, milestones: ____, ...end } = essence(world) as Facts;
      expect(end, `after ${last.id}`).toEqual(begin);
      expect(ownOutside(world), `after ${last.id}`).toEqual([]);
    });
  });
});

describe('a host that boots', () => {
  const old = '6.1.0-50-686-pae';
  /** 32-bit kernel, GRUB, systemd. */
  const bootable = {
    ...restricted,
    runningKernel: { machine: 'i686', release: old, bootId: 'first' },
    kernels: [{ version: old, architecture: 'i386', initramfs: { bytes: 1, mtime: 1 } }],
    boot: {
      loader: 'grub',
      grub: {
        entries: [{ id: `advanced>${old}`, version: old, hasInitramfs: true, isRecovery: false, needsPassword: false }],
      },
    },
    activePackageUnits: ['apt-daily-upgrade.timer', 'apt-daily.timer'],
  } as const;
  const stepOf = (id: string): Step => {
    const step = steps.find((one) => one.id === id);
    if (!step) throw new Error(id);
    return step;
  };
  const upTo = (world: World, id: string) => {
    for (const step of steps.slice(0, steps.indexOf(stepOf(id)))) take(world, step);
  };
  const installedKernel = readHost('bookworm-server').inventory.packages.some(({ name }) =>
    name.startsWith('linux-image-6'),
  );

  test('is one of the recorded ones', () => expect(installedKernel).toBe(true));

  test('is told to boot the new kernel once, with an initramfs and an entry of its own', () => {
    const world = new World('bookworm-server', bootable);
    upTo(world, 'kernel/boot-new-kernel');
    const { facts, plan } = world.context;
    const version = facts.kernels.find(({ architecture }) => architecture === 'amd64')?.version ?? '';
    expect(Object.keys(plan.endState)).toContain(`linux-image-${version}:amd64`);
    expect(facts.boot?.grub?.entries.find((one) => one.version === version)?.hasInitramfs).toBe(true);
    expect(stepOf('kernel/boot-new-kernel').plan(world.context)).toEqual([
      { do: 'await-reboot', kernel: version, automatic: false, entry: `advanced>${version}`, hasWayBack: true },
    ]);
  });

  test('waits until DKMS has built for the new kernel what the running one has, and for nothing else', () => {
    const dkmsModules = { needed: [old], other: ['5.10.0-1-686-pae'] };
    const world = new World('bookworm-server', { ...bootable, dkmsModules });
    const step = stepOf('kernel/build-modules');
    upTo(world, 'kernel/build-modules');
    const version = newKernel(world.context)?.version ?? '';
    expect(step.remaining(world.context)).toEqual([`DKMS has not built needed for ${version}`]);
    expect(step.plan(world.context)).toEqual([{ do: 'command', argv: ['dkms', 'autoinstall', '-k', version] }]);
    const { facts } = world.context;
    const built = { ...facts, dkmsModules: { ...dkmsModules, needed: [old, version] } };
    expect(step.remaining({ ...world.context, facts: built })).toEqual([]);
  });

  test('where GRUB could not forget it again, is booted by hand, whatever was decided', () => {
    const grub = { ...bootable.boot.grub, cannotWrite: 'it is on btrfs' };
    const world = new World('bookworm-server', { ...bootable, boot: { ...bootable.boot, grub } });
    upTo(world, 'kernel/boot-new-kernel');
    const context = { ...world.context, answers: { reboot: 'automatic' } };
    const [action] = stepOf('kernel/boot-new-kernel').plan(context);
    expect(action).toMatchObject({ do: 'await-reboot', automatic: false });
    const { version } = newKernel(context) ?? {};
    expect(action).toMatchObject({ instruction: expect.stringContaining('GRUB’s menu') });
    expect(action).toMatchObject({ instruction: expect.stringContaining(`grub-reboot 'advanced>${version}'`) });
    expect(action).not.toHaveProperty('entry');
  });

  test('whose GRUB could not forget what it was told to start once has it forgotten when the default is set', () => {
    const grub = { ...bootable.boot.grub, cannotWrite: 'it is on btrfs', nextEntry: 'advanced>new' };
    const world = new World('bookworm-server', { ...bootable, boot: { ...bootable.boot, grub } });
    upTo(world, 'kernel/keep-new-kernel');
    expect(stepOf('kernel/keep-new-kernel').plan(world.context)).toContainEqual({
      do: 'command',
      argv: ['grub-editenv', '/boot/grub/grubenv', 'unset', 'next_entry'],
    });
  });

  test('has its network compared once in each boot that the run finds itself in', () => {
    const world = new World('bookworm-server', bootable);
    const step = stepOf('prepare/compare-network');
    const remaining = (bootId: string, network?: Facts['network']) => {
      const { network: _, ...facts } = world.context.facts;
      const runningKernel = { ...facts.runningKernel, bootId };
      return step.remaining({ ...world.context, facts: { ...facts, runningKernel, ...(network && { network }) } });
    };
    expect(remaining('second')).toEqual([]);
    expect(remaining('first', { bootId: 'first' })).toEqual([]);
    expect(remaining('second', { bootId: 'first' })).toEqual([expect.stringContaining('rebooted')]);
    expect(remaining('second', { bootId: 'first', comparedIn: 'second' })).toEqual([]);
    expect(remaining('third', { bootId: 'first', comparedIn: 'second' })).toHaveLength(1);
    expect(step.plan(world.context)).toEqual([{ do: 'compare-network' }]);
  });

  test('keeps the kernel that has come up until the old one is gone, and then has its own default', () => {
    const world = new World('bookworm-server', bootable);
    upTo(world, 'switch/install-libraries');
    const { release } = world.context.facts.runningKernel;
    expect(world.context.facts.ownFiles[bootDefaultFile]).toContain(`GRUB_DEFAULT="advanced>${release}"`);
    takeAll(world);
    const { facts } = world.context;
    expect(facts.ownFiles).not.toHaveProperty(bootDefaultFile);
    expect(facts.boot?.grub?.entries.map(({ version }) => version)).toEqual([release]);
    expect(facts.kernels.every((kernel) => (kernel.initramfs?.bytes ?? 0) === 2)).toBe(true);
  });

  test('goes on at each boot, and has its timers paused, until it is done', () => {
    const world = new World('bookworm-server', bootable);
    upTo(world, 'switch/replace-core');
    expect(world.context.facts.ownFiles).toHaveProperty(engineAtBootLink);
    expect(world.context.facts.activePackageUnits).toEqual([]);
    takeAll(world);
    expect(world.context.facts.ownFiles).not.toHaveProperty(engineAtBootLink);
    expect(world.context.facts.activePackageUnits).toEqual(bootable.activePackageUnits);
  });

  test('goes on at each boot, from its first step to its last', () => {
    expect(steps.at(0)?.id).toBe('prepare/continue-at-boot');
    expect(steps.at(-1)?.id).toBe('finish/leave-boots-alone');
    const world = new World('bookworm-server', bootable);
    upTo(world, 'finish/leave-boots-alone');
    expect(world.context.facts.ownFiles).toHaveProperty(engineAtBootLink);
  });

  test('that shall be rebooted by hand goes on by itself only when the new kernel has come up', () => {
    const world = new World('bookworm-server', bootable);
    const { remaining } = stepOf('prepare/continue-at-boot');
    const left = () => remaining({ ...world.context, answers: { reboot: 'by-hand' } });
    expect(left()).toEqual([]);
    upTo(world, 'kernel/keep-new-kernel');
    world.apply({ do: 'remove', path: engineAtBootLink });
    expect(left()).toHaveLength(1);
  });

  test('starts its old kernel, whatever is newer, until the new one has come up', () => {
    const world = new World('bookworm-server', bootable);
    upTo(world, 'kernel/install-kernel');
    expect(world.context.facts.boot?.grub?.defaultEntry).toBe(`advanced>${old}`);
    upTo(world, 'kernel/keep-new-kernel');
    expect(world.context.facts.boot?.grub?.defaultEntry).toBe(`advanced>${old}`);
    const { release } = world.context.facts.runningKernel;
    take(world, stepOf('kernel/keep-new-kernel'));
    expect(world.context.facts.boot?.grub?.defaultEntry).toBe(`advanced>${release}`);
    expect(stepOf('kernel/keep-old-kernel').remaining(world.context)).toEqual([]);
  });

  test('has its new kernel not for the default before update-grub has run to its end', () => {
    const world = new World('bookworm-server', bootable);
    const step = stepOf('kernel/keep-new-kernel');
    upTo(world, step.id);
    take(world, step, 1);
    expect(step.remaining(world.context)).toHaveLength(1);
    take(world, step);
    expect(step.remaining(world.context)).toEqual([]);
    upTo(world, 'finish/restore-boot-default');
    take(world, stepOf('finish/restore-boot-default'), 1);
    expect(stepOf('finish/restore-boot-default').remaining(world.context)).toHaveLength(1);
    takeAll(world);
    expect(world.context.facts.boot?.grub?.defaultEntry).toBe('0');
  });

  test('whose GRUB asks for a password, or that another loader starts, has its default set by somebody, once', () => {
    const { entries } = bootable.boot.grub;
    const locked = { entries: entries.map((one) => ({ ...one, needsPassword: true })), defaultEntry: '0' };
    for (const boot of [{ loader: 'grub', grub: locked }, { loader: 'extlinux' }, {}] as const) {
      const world = new World('bookworm-server', { ...bootable, boot });
      upTo(world, 'kernel/boot-new-kernel');
      const [reboot] = stepOf('kernel/boot-new-kernel').plan({ ...world.context, answers: { reboot: 'automatic' } });
      expect(reboot).toMatchObject({ do: 'await-reboot', automatic: false, instruction: expect.any(String) });
      expect(reboot).not.toHaveProperty('entry');
      upTo(world, 'kernel/keep-new-kernel');
      expect(world.context.facts.ownFiles).not.toHaveProperty(bootDefaultFile);
      const step = stepOf('kernel/keep-new-kernel');
      const { release } = world.context.facts.runningKernel;
      expect(step.plan(world.context)).toEqual([
        expect.objectContaining({ do: 'await-default', kernel: release, instruction: expect.any(String) }),
      ]);
      take(world, step);
      expect(step.remaining(world.context)).toEqual([]);
    }
  });

  test('that ran a kernel of the target before is asked nothing about its boot loader', () => {
    const release = '6.6.0-hoster';
    const world = new World('bookworm-server', {
      ...bootable,
      boot: {},
      runningKernel: { machine: 'x86_64', release, bootId: 'first' },
    });
    upTo(world, 'kernel/keep-new-kernel');
    expect(stepOf('kernel/keep-new-kernel').remaining(world.context)).toEqual([]);
  });

  test('is taken back from under the new kernel only after the old one was booted', () => {
    const world = new World('bookworm-server', bootable);
    const boot = stepOf('kernel/boot-new-kernel');
    upTo(world, 'kernel/boot-new-kernel');
    expect(boot.undo).not.toBe('point of no return');
    if (boot.undo === 'point of no return') return;
    expect(boot.undo(world.context)).toEqual([]);
    upTo(world, 'switch/install-libraries');
    const { undo } = stepOf('kernel/keep-new-kernel');
    for (const action of undo === 'point of no return' ? [] : undo(world.context)) world.apply(action);
    expect(world.context.facts.boot?.grub?.defaultEntry).toBe(`advanced>${old}`);
    expect(boot.undo(world.context)).toEqual([{ do: 'await-old-kernel' }]);
  });

  test('that had a kernel of the target before is taken back under it', () => {
    const release = '6.1.0-50-amd64';
    const kernel = { version: release, architecture: 'amd64', initramfs: { bytes: 1, mtime: 1 } };
    const world = new World('bookworm-server', {
      ...bootable,
      runningKernel: { machine: 'x86_64', release, bootId: 'first' },
      kernels: [...bootable.kernels, kernel],
    });
    upTo(world, 'kernel/keep-new-kernel');
    const { record } = world.context;
    const context = {
      ...world.context,
      record: record && { ...record, packages: { ...record.packages, [`linux-image-${release}:amd64`]: '1' } },
    };
    const undo = stepOf('kernel/boot-new-kernel').undo;
    expect(undo !== 'point of no return' && undo(context)).toEqual([]);
  });
});

describe('a run that was interrupted', () => {
  test('between two actions ends where an undisturbed one does', () => {
    const undisturbed = new World('bookworm-minimal', restricted);
    takeAll(undisturbed);
    for (const step of steps) {
      for (const actions of [1, 2, 3]) {
        const world = new World('bookworm-minimal', restricted);
        for (const earlier of steps.slice(0, steps.indexOf(step))) take(world, earlier);
        take(world, step, actions);
        takeAll(world);
        expect(essence(world), `${step.id} interrupted after ${actions} actions`).toEqual(essence(undisturbed));
      }
    }
  });

  test('in the middle of a batch ends where an undisturbed one does', () => {
    const undisturbed = new World('bookworm-awkward', restricted);
    takeAll(undisturbed);
    for (const id of undisturbed.context.plan.batches.map((batch) => batch.id)) {
      const world = new World('bookworm-awkward', restricted);
      for (const step of steps) {
        const action = step.plan(world.context).find((one) => one.do === 'batch' && one.batch.id === id);
        if (action?.do === 'batch') {
          world.interrupt(action.batch, Math.ceil(action.batch.instances.length / 2));
          break;
        }
        take(world, step);
      }
      takeAll(world);
      expect(essence(world), `interrupted in ${id}`).toEqual(essence(undisturbed));
    }
  });
});

test('holds and marks are as before', () => {
  const { inventory } = readHost('bookworm-server');
  const packages = inventory.packages.map((one) => (one.name === 'bash' ? { ...one, want: 'hold' as const } : one));
  const world = new World('bookworm-server', { ...restricted, inventory: { ...inventory, packages } });
  takeAll(world);
  const { facts, plan } = world.context;
  expect(heldInstances(facts.inventory.packages)).toEqual(['bash:amd64']);
  const added = plan.changes.filter((one) => one.change === 'added' && !Object.values(plan.renamed).includes(one.name));
  const wanted = new Set([...inventory.automatic, ...added.map((one) => `${one.name}:i386`)]);
  const gone = plan.changes.filter((one) => one.change === 'vanishing').map((one) => `${one.name}:i386`);
  expect([...facts.inventory.automatic].sort()).toEqual(
    [...wanted]
      .filter((key) => !gone.includes(key))
      .map((key) => key.replace(':i386', ':amd64'))
      .sort(),
  );
});

test('a source that is restricted to the old architecture is for the new one alone at the end', () => {
  const world = new World('bookworm-minimal', restricted);
  takeAll(world);
  expect(world.context.facts.sourceFiles).toEqual({
    '/etc/apt/sources.list': 'deb [arch=amd64] http://mirror.example/debian bookworm main\n',
  });
});

test('what the administrator has done to the sources since stays when all is taken back', () => {
  const entry = (name: string) => `deb [arch=i386] http://mirror.example/${name} stable main\n`;
  const folder = '/etc/apt/sources.list.d';
  const world = new World('bookworm-minimal', {
    sourceFiles: {
      '/etc/apt/sources.list': `${entry('debian')}${entry('shop')}`,
      [`${folder}/gone.list`]: entry('gone'),
      [`${folder}/same.list`]: entry('same'),
    },
  });
  for (const step of undoable) take(world, step);
  const offered = world.context.facts.sourceFiles;
  expect(offered[`${folder}/same.list`]).toContain('[arch=i386,amd64]');
  const { [`${folder}/gone.list`]: _, ...left } = offered;
  const sourceFiles = {
    ...left,
    '/etc/apt/sources.list': (offered['/etc/apt/sources.list'] ?? '').replace(/^(?=.*shop)/m, '# '),
    [`${folder}/new.list`]: entry('new'),
  };
  const { undo } = offerTargetArchitecture;
  if (undo === 'point of no return') throw new Error('it has a way back');
  expect(undo({ ...world.context, facts: { ...world.context.facts, sourceFiles } })).toEqual([
    { do: 'write', path: '/etc/apt/sources.list', content: `${entry('debian')}# ${entry('shop')}` },
    { do: 'write', path: `${folder}/same.list`, content: entry('same') },
  ]);
});

test('an architecture that was there before stays when all is taken back', () => {
  const { inventory } = readHost('bookworm-minimal');
  const world = new World('bookworm-minimal', {
    ...restricted,
    inventory: { ...inventory, foreignArchitectures: ['amd64'] },
  });
  for (const step of undoable) take(world, step);
  takeBack(world);
  expect(world.context.facts.inventory.foreignArchitectures).toEqual(['amd64']);
});
