import { expect, test } from 'vitest';
import type { RootPath } from '../../../src/base/root.ts';
import { readPackages } from '../../../src/dpkg/system/read-packages.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

const status = (state: string): string =>
  `Package: dpkg\nStatus: install ok ${state}\nArchitecture: i386\nVersion: 1\n`;

/** dpkg takes its journal into the status file while somebody reads. */
class Busy extends MemoryMachine {
  /** Before which read of a file of the journal. */
  at = 1;
  override async readTextIfThere(path: RootPath): Promise<string | undefined> {
    if (path.includes('/updates/') && --this.at === 0) {
      for (const one of [...this.files.keys()].filter((each) => each.includes('/updates/'))) await this.remove(one);
      await this.write('/var/lib/dpkg/status', status('installed'));
    }
    return super.readTextIfThere(path);
  }
}

test.each([1, 2, 3])(
  'a journal that dpkg takes away before its file %i is read is no damage, and hides no newer state',
  async (at) => {
    const machine = new Busy();
    machine.at = at;
    await machine.write('/var/lib/dpkg/status', status('half-installed'));
    await machine.write('/var/lib/dpkg/updates/0000', status('unpacked'));
    await machine.write('/var/lib/dpkg/updates/0001', status('half-configured'));
    const [dpkg] = await readPackages(machine);
    expect(dpkg?.state).toBe(at === 3 ? 'half-configured' : 'installed');
  },
);
