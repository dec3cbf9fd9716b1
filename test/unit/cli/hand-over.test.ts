import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { engineEnvironmentFile } from '../../../src/base/own-paths.ts';
import type { RootPath } from '../../../src/base/root.ts';
import type { CommonOptions } from '../../../src/cli/arguments/arguments.ts';
import { handOver } from '../../../src/cli/commands/hand-over.ts';
import type { Wiring } from '../../../src/cli/commands/wiring.ts';
import { formatEngineEnvironment } from '../../../src/state/engine-environment.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

describe('what the unit gets of the terminal’s environment', () => {
  test('is its proxies, and nothing else', () => {
    const environment = { PATH: '/opt/bin', LD_PRELOAD: 'x.so', http_proxy: 'http://proxy:3128', no_proxy: '' };
    expect(formatEngineEnvironment(environment)).toBe('http_proxy="http://proxy:3128"\nno_proxy=""\n');
    expect(formatEngineEnvironment({ PATH: '/opt/bin' })).toBeUndefined();
  });

  test('is quoted as systemd reads it', () => {
    expect(formatEngineEnvironment({ https_proxy: 'http://me:a"b\\c $d\'`#;@proxy' })).toBe(
      `https_proxy="http://me:a\\"b\\\\c $d'\`#;@proxy"\n`,
    );
  });

  test.each(['\n', '\r', '\t', '\u0000', '\u001b', '\u007f'])('is left out with %j in it', (character) => {
    const environment = { http_proxy: `http://a${character}EVIL=1`, https_proxy: 'http://b' };
    expect(formatEngineEnvironment(environment)).toBe('https_proxy="http://b"\n');
  });
});

describe('handing over', () => {
  let machine: MemoryMachine;
  let modes: Map<RootPath, number | undefined>;
  let happened: string[];

  beforeEach(() => {
    happened = [];
    modes = new Map();
    machine = new (class extends MemoryMachine {
      override async write(path: RootPath, content: string, { mode }: { mode?: number } = {}) {
        happened.push('written');
        modes.set(path, mode);
        return super.write(path, content);
      }
    })(['live', 'init']);
  });

  /** As far as to where the run is watched. */
  async function handOverFrom(environment: Readonly<Record<string, string>>): Promise<void> {
    const close = async () => {
      happened.push('closed');
    };
    const wiring = {
      environment,
      engineService: { start: async () => happened.push('started') },
      stderr: { write: () => true },
      openSession: () => Promise.reject(new Error('watching')),
    };
    const session = { machine, takenOver: false, close };
    await expect(handOver(session, { root: '/' } as CommonOptions, wiring as unknown as Wiring)).rejects.toThrow(
      'watching',
    );
  }

  test('writes the proxies for root alone, while the root is locked, before the unit starts', async () => {
    await handOverFrom({ http_proxy: 'http://me:secret@proxy:3128' });
    expect(happened).toEqual(['written', 'closed', 'started']);
    expect(await machine.readText(engineEnvironmentFile)).toBe('http_proxy="http://me:secret@proxy:3128"\n');
    expect(modes.get(engineEnvironmentFile)).toBe(0o600);
  });

  test('from a shell without proxies leaves those of an earlier one', async () => {
    await handOverFrom({ http_proxy: 'http://proxy:3128' });
    await handOverFrom({});
    expect(await machine.readText(engineEnvironmentFile)).toBe('http_proxy="http://proxy:3128"\n');
  });

  test('is to a unit that reads them', () => {
    expect(readFileSync('packaging/crossgrade.service', 'utf8')).toContain(
      `\nEnvironmentFile=-${engineEnvironmentFile}\n`,
    );
  });
});
