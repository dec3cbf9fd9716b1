import { beforeEach, describe, expect, test } from 'vitest';
import { basisFile, engineEnvironmentFile, stateFile } from '../../../src/base/own-paths.ts';
import type { RootPath } from '../../../src/base/root.ts';
import type { RunEvent } from '../../../src/run/event.ts';
import type { Action, Step } from '../../../src/run/step.ts';
import { runSteps } from '../../../src/run/system/run.ts';
import { StateStore } from '../../../src/state/system/state-store.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { begunState } from '../../support/recorded/run-files.ts';
import { World } from '../../support/recorded/world.ts';

const { context, target } = new World('bookworm-minimal');
const status = 'Package: dpkg\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n';

let machine: MemoryMachine;
let store: StateStore;
let events: RunEvent[];

/** Is done when its file in /etc/apt/sources.list.d is there: one of the things that steps can see. */
function writes(id: Step['id'], more: Partial<Step> = {}): Step {
  const path: RootPath = `/etc/apt/sources.list.d/${id.replace('/', '-')}.list`;
  return {
    id,
    title: `Do ${id}`,
    why: 'It has to be done.',
    purpose: '',
    remaining: ({ facts }) => (path in facts.sourceFiles ? [] : [`${path} is not there`]),
    plan: () => [{ do: 'write', path, content: '# done\n' }],
    undo: () => [],
    ...more,
  };
}

async function begin(can: ConstructorParameters<typeof MemoryMachine>[0] = ['network']): Promise<void> {
  machine = new MemoryMachine(can);
  store = new StateStore(machine);
  events = [];
  await machine.write('/var/lib/dpkg/status', status);
  await machine.write('/etc/os-release', 'ID=debian\n');
  await store.begin(begunState, context.plan, target, {});
}

function run(steps: readonly Step[], changes: Partial<Parameters<typeof runSteps>[0]> = {}) {
  return runSteps({
    machine,
    store,
    pair: context.pair,
    steps,
    observe: (event) => events.push(event),
    interruption: { requested: false },
    rootName: '/root-of-test',
    resumed: false,
    ...changes,
  });
}

/** What happened to each step. */
function story(): string[] {
  return events.flatMap((event) =>
    event.type.startsWith('step-') && 'step' in event ? [`${event.step} ${event.type.slice('step-'.length)}`] : [],
  );
}

function last(): RunEvent | undefined {
  return events.at(-1);
}

beforeEach(() => begin());

describe('a run', () => {
  const steps = [writes('prepare/a'), writes('switch/b'), writes('finish/c')];

  test('does one step after the other, and says so', async () => {
    expect(await run(steps)).toBe('finished');
    expect(story()).toEqual(steps.flatMap((step) => [`${step.id} started`, `${step.id} finished`]));
    expect(last()).toMatchObject({ type: 'run-finished' });
    expect(Object.keys(store.state.finishedSteps)).toEqual(steps.map((step) => step.id));
    expect(store.state.finishedAt).not.toBeNull();
  });

  test('has the proxies of its terminal until it is finished, and no longer', async () => {
    await machine.write(engineEnvironmentFile, 'http_proxy="http://me:secret@proxy:3128"\n');
    await run(steps, { until: 'prepare' });
    expect(await machine.exists(engineEnvironmentFile)).toBe(true);
    await run(steps);
    expect(await machine.exists(engineEnvironmentFile)).toBe(false);
  });

  test('does nothing the second time', async () => {
    await run(steps);
    events = [];
    expect(await run(steps, { resumed: true })).toBe('finished');
    expect(story()).toEqual(steps.map((step) => `${step.id} unneeded`));
  });

  test('judges from the system, not from the state file, what is done', async () => {
    await run(steps);
    await machine.remove('/etc/apt/sources.list.d/switch-b.list');
    events = [];
    await run(steps);
    expect(story()).toEqual(['prepare/a unneeded', 'switch/b started', 'switch/b finished', 'finish/c unneeded']);
  });

  test('skips, visibly, a step whose needs the root does not meet', async () => {
    await run([writes('kernel/a', { needs: ['boot', 'network'] }), writes('kernel/b', { needs: ['network'] })]);
    expect(story()).toEqual(['kernel/a skipped', 'kernel/b started', 'kernel/b finished']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'step-skipped', reason: 'this root is not booted' }));
  });

  test('says why a container has no kernel of its own', async () => {
    Object.assign(machine, { root: { kind: 'host', can: new Set(['init', 'live', 'network']) } });
    await run([writes('kernel/a', { needs: ['boot'] })]);
    expect(events).toContainEqual(expect.objectContaining({ reason: 'a container has its host’s kernel' }));
  });

  test('stops after the phase that it was told', async () => {
    expect(await run(steps, { until: 'prepare' })).toBe('until');
    expect(story()).toEqual(['prepare/a started', 'prepare/a finished']);
    expect(last()).toMatchObject({ type: 'run-stopped', reason: 'until' });
    expect(store.state.finishedAt).toBeNull();
  });

  test('stops after the wave that it was told', async () => {
    const waves = [writes('switch/install-libraries'), writes('switch/replace-core'), writes('switch/replace-rest')];
    expect(await run(waves, { until: 'core' })).toBe('until');
    expect(story().filter((one) => one.endsWith('finished'))).toEqual([
      'switch/install-libraries finished',
      'switch/replace-core finished',
    ]);
  });

  test('announces the point of no return before its first step, once', async () => {
    await run([
      writes('prepare/a'),
      ...['switch/b', 'finish/c'].map((id) => writes(id as Step['id'], { undo: 'point of no return' })),
    ]);
    const announced = events.filter((event) => event.type === 'point-of-no-return');
    expect(announced).toEqual([{ type: 'point-of-no-return', step: 'switch/b' }]);
    expect(events.findIndex((event) => event.type === 'point-of-no-return')).toBeLessThan(
      events.findIndex((event) => event.type === 'step-finished' && event.step === 'switch/b'),
    );
  });

  test('is not stopped by a screen that breaks', async () => {
    const observe = (): void => {
      throw new Error('EPIPE');
    };
    expect(await run(steps, { observe })).toBe('finished');
  });
});

test('what is noted at the same time is noted, one after the other', async () => {
  const write = machine.write.bind(machine);
  machine.write = async (path, content) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await write(path, content);
  };
  await Promise.all([store.update({ milestones: { one: '1' } }), store.update({ stoppedAt: '2' })]);
  const kept = { milestones: { one: '1' }, stoppedAt: '2' };
  expect(store.state).toMatchObject(kept);
  expect(await new StateStore(machine).load()).toMatchObject(kept);
});

describe('the point of no return', () => {
  const undo = 'point of no return';
  const milestone = 'point-of-no-return';

  test('is on the disk before anything of its first step is done, and stays', async () => {
    const order: string[] = [];
    const write = machine.write.bind(machine);
    machine.write = async (path, content) => {
      await write(path, content);
      if (path === stateFile && content.includes(milestone)) order.push('noted');
      if (path.includes('switch-b')) order.push('replaced');
    };
    await run([writes('prepare/a'), writes('switch/b', { undo })]);
    expect(order.slice(0, 2)).toEqual(['noted', 'replaced']);
    const noted = store.state.milestones[milestone];
    await run([writes('switch/c', { undo })], { resumed: true });
    expect(store.state.milestones[milestone]).toBe(noted);
    expect(events.filter((event) => event.type === 'point-of-no-return')).toHaveLength(2);
  });

  test('is not passed while nothing is done that has no way back', async () => {
    await run([writes('prepare/a'), writes('switch/b', { undo, remaining: () => [] })]);
    expect(store.state.milestones).not.toHaveProperty(milestone);
  });

  test('of an older crossgrade is derived once', async () => {
    await store.update({ version: 1 });
    await run([writes('prepare/a')]);
    expect(store.state.version).toBe(2);
    expect(store.state.milestones).not.toHaveProperty(milestone);
  });
});

describe('dpkg’s frontend lock', () => {
  test('of somebody else keeps a run from its first step', async () => {
    machine.packageLock = { outcome: 'busy', holder: 'apt-get (process 4711)' };
    await expect(run([writes('prepare/a')])).rejects.toMatchObject({
      code: 'CG0261',
      exitCode: 5,
      details: ['/var/lib/dpkg/lock-frontend is held by apt-get (process 4711)'],
    });
    expect(story()).toEqual([]);
  });

  test('is waited for by a run that nobody watches', async () => {
    machine.packageLock = { outcome: 'busy', holder: 'apt-get (process 4711)' };
    const observe = (event: RunEvent): void => {
      events.push(event);
      if (event.type === 'step-message') machine.packageLock = { outcome: 'held' };
    };
    expect(await run([writes('prepare/a')], { lockPatienceMs: 5000, observe })).toBe('finished');
    expect(events).toContainEqual(expect.objectContaining({ text: expect.stringContaining('apt-get (process 4711)') }));
  });

  test('that cannot be taken is told, and gone on without', async () => {
    machine.packageLock = { outcome: 'unavailable', why: 'spawn /usr/bin/perl ENOENT' };
    expect(await run([writes('prepare/a')])).toBe('finished');
    expect(events).toContainEqual(expect.objectContaining({ type: 'step-warning' }));
  });
});

describe('what somebody has changed since the plan was made', () => {
  const basis = {
    version: 1,
    packages: { 'dpkg:i386': '0.9' },
    residualConfig: [],
    selections: {},
    foreignArchitectures: [],
    sourceFiles: {},
  };

  test('ends a run before its first step, which does not plan by itself', async () => {
    await machine.write(basisFile, JSON.stringify(basis));
    await expect(run([writes('prepare/a')])).rejects.toMatchObject({
      code: 'CG0251',
      exitCode: 3,
      details: ['dpkg:i386 was upgraded from 0.9 to 1'],
    });
    expect(story()).toEqual([]);
  });

  test('is the administrator’s from the clean-up on', async () => {
    await machine.write(basisFile, JSON.stringify(basis));
    await store.update({ milestones: { cleanup: 'then' } });
    expect(await run([writes('finish/a')])).toBe('finished');
  });
});

describe('a step that fails', () => {
  const failing = writes('switch/b', { plan: () => [{ do: 'command', argv: ['ldconfig', '-v'] }] });

  test('is reported, ends the run, and lets nothing after it start', async () => {
    machine.failing.set('ldconfig', 3);
    await expect(run([writes('prepare/a'), failing, writes('finish/c')])).rejects.toMatchObject({
      code: 'CG0206',
      details: ['ldconfig -v      (exit code 3)', 'ldconfig: it did not work'],
      hint: expect.stringContaining('crossgrade resume'),
    });
    expect(story()).toEqual(['prepare/a started', 'prepare/a finished', 'switch/b started', 'switch/b failed']);
    expect(last()).toMatchObject({ type: 'step-failed', failure: { code: 'CG0206' } });
    expect(Object.keys(store.state.finishedSteps)).toEqual(['prepare/a']);
  });

  test('is one that ran, but left something to do', async () => {
    await expect(run([failing])).rejects.toMatchObject({
      code: 'CG0202',
      message: expect.stringContaining('but still: /etc/apt/sources.list.d/switch-b.list is not there'),
    });
  });

  test('is done again by the next run', async () => {
    machine.failing.set('ldconfig', 3);
    const mended = writes('switch/b', {
      plan: (now) => [{ do: 'command', argv: ['ldconfig'] }, ...writes('switch/b').plan(now)],
    });
    await expect(run([mended])).rejects.toThrow();
    machine.failing.clear();
    expect(await run([mended], { resumed: true })).toBe('finished');
    expect(machine.commands.filter((one) => !one.startsWith('apt-config'))).toEqual(['ldconfig', 'ldconfig']);
  });
});

describe('an interruption', () => {
  /** Two actions, each of which leaves its mark. */
  function twoActions(): Step {
    const paths: RootPath[] = ['/etc/apt/sources.list.d/one.list', '/etc/apt/sources.list.d/two.list'];
    const missing = (there: Readonly<Record<string, string>>) => paths.filter((path) => !(path in there));
    return writes('switch/b', {
      remaining: ({ facts }) => missing(facts.sourceFiles),
      plan: ({ facts }) => missing(facts.sourceFiles).map((path): Action => ({ do: 'write', path, content: '' })),
    });
  }

  test('that comes while a step runs stops before its next action, and before the next step', async () => {
    const interruption = { requested: false };
    let writesLeft = 1;
    const write = machine.write.bind(machine);
    machine.write = async (path, content) => {
      await write(path, content);
      if (path.includes('sources.list.d') && writesLeft-- > 0) interruption.requested = true;
    };
    const step = twoActions();
    expect(await run([step, writes('finish/c')], { interruption })).toBe('interrupted');
    expect(machine.files.has('/etc/apt/sources.list.d/one.list')).toBe(true);
    expect(machine.files.has('/etc/apt/sources.list.d/two.list')).toBe(false);
    expect(story()).toEqual(['switch/b started']);
    expect(last()).toEqual({ type: 'run-stopped', reason: 'interrupted', next: 'crossgrade resume' });
    expect(await run([step, writes('finish/c')], { resumed: true })).toBe('finished');
  });

  test('that comes with the last action of a step leaves it finished', async () => {
    const interruption = { requested: false };
    const observe = (event: RunEvent): void => {
      events.push(event);
      if (event.type === 'step-finished') interruption.requested = true;
    };
    expect(await run([writes('prepare/a'), writes('finish/c')], { interruption, observe })).toBe('interrupted');
    expect(Object.keys(store.state.finishedSteps)).toEqual(['prepare/a']);
  });
});

test('a run on the system whose package was removed meanwhile stops before the switch, and goes on when it is back', async () => {
  const program: RootPath[] = ['/usr/sbin/crossgrade', '/usr/lib/crossgrade/crossgrade.mjs'];
  const steps = [writes('prepare/a'), writes('switch/b', { undo: 'point of no return' })];
  await begin(['network', 'live']);
  for (const missing of program) {
    for (const path of program) if (path !== missing) await machine.write(path, '');
    await expect(run(steps)).rejects.toMatchObject({ code: 'CG0256', details: [`${missing} is missing`] });
    expect(last()).toMatchObject({ type: 'step-failed', step: 'switch/b' });
    expect(machine.files.has('/etc/apt/sources.list.d/switch-b.list')).toBe(false);
    for (const path of program) await machine.remove(path);
  }
  for (const path of program) await machine.write(path, '');
  expect(await run(steps, { resumed: true })).toBe('finished');
});

test('an action that waits for a reboot ends the run with exit code 4, and is met again until the kernel is there', async () => {
  await begin(['network', 'boot']);
  machine.machineName = 'i686';
  const boot = writes('kernel/boot', {
    needs: ['boot'],
    remaining: ({ facts }) => (facts.runningKernel.machine === 'x86_64' ? [] : ['the old kernel runs']),
    plan: () => [{ do: 'await-reboot', kernel: '6.1.0-50-amd64', automatic: false, hasWayBack: true }],
  });
  await expect(run([boot])).rejects.toMatchObject({ code: 'CG0250', exitCode: 4 });
  machine.machineName = 'x86_64';
  expect(await run([boot])).toBe('finished');
});
