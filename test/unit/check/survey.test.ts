import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/base/machine.ts';
import type { RootInfo } from '../../../src/base/root.ts';
import { surveyRoot } from '../../../src/check/system/survey-root.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { World } from '../../support/recorded/world.ts';

const { context } = new World('bookworm-minimal');
const host: RootInfo = { kind: 'host', can: new Set(['init', 'boot', 'network']) };
const nothing = { exitCode: 127, stdout: '', stderr: 'not found' };

function lookAt(machine: Machine) {
  return surveyRoot(machine, context.facts, context.pair);
}

/** The same machine, but for these. */
function changed(machine: Machine, changes: Partial<Machine>): Machine {
  return new Proxy(machine, {
    get: (target, name) => {
      const value = Reflect.get({ ...changes }, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('looking around', () => {
  test('where nothing is there is no error, and leaves out nothing that could be looked at', async () => {
    const empty = new MemoryMachine();
    empty.files.set('/proc/self/mountinfo', '');
    const survey = await lookAt(changed(empty, { root: host, run: async () => nothing, readLink: async () => '' }));
    expect(survey.hardware?.host?.boot).toEqual({ secureBoot: false, loaders: [] });
    expect(survey.session?.logins).toEqual([]);
    expect(survey.notLookedAt.map((one) => one.what)).toEqual(['file capabilities']);
  });

  test.each([
    ['\x03', true, []],
    ['\x02', false, []],
    ['\0', false, ['Secure Boot']],
  ])(
    'a 32-bit kernel on 64-bit EFI does not see the firmware’s variables: boot parameter %j',
    async (byte, on, unseen) => {
      const there = new MemoryMachine();
      there.files.set('/proc/self/mountinfo', '');
      there.files.set('/sys/firmware/efi', '');
      there.files.set('/sys/firmware/efi/fw_platform_size', '64\n');
      there.files.set('/sys/kernel/boot_params/data', `${'x'.repeat(0x1ec)}${byte}rest`);
      const survey = await lookAt(changed(there, { root: host, run: async () => nothing, readLink: async () => '' }));
      expect(survey.hardware?.host?.boot).toEqual({ efiBits: 64, secureBoot: on, loaders: [] });
      expect(survey.notLookedAt.map((one) => one.what)).toEqual([...unseen, 'file capabilities']);
    },
  );

  test('where nothing may be read is no error, and says what was not looked at', async () => {
    const forbidden = async (path: string) => {
      // Without dpkg's database there is no report at all, and everybody may read these folders.
      if (path.startsWith('/var/lib/dpkg/') || ['/', '/usr', '/var'].includes(path)) return [];
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    };
    const survey = await lookAt(
      changed(new MemoryMachine(), {
        root: host,
        run: async () => nothing,
        exists: forbidden as never,
        readText: forbidden as never,
        readTextIfThere: forbidden as never,
        list: forbidden,
        info: forbidden as never,
        readLink: forbidden as never,
      }),
    );
    const what = survey.notLookedAt.map((one) => one.what);
    expect(what).toEqual(
      expect.arrayContaining(['what is mounted', 'memory and swap', 'the boot loader', 'Secure Boot']),
    );
    expect(new Set(what).size).toBe(what.length);
    for (const { why } of survey.notLookedAt) expect(why).toMatch(/^only root may look at it$|is not installed/);
  });

  test('does not look for sessions in a folder', async () => {
    const survey = await lookAt(new MemoryMachine());
    expect(survey.session).toBeUndefined();
    expect(survey.hardware?.host).toBeUndefined();
  });
});
