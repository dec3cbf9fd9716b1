import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildDeb } from '../support/booted/live-host.ts';
import type { Vm } from '../support/booted/vm.ts';
import { vmHost } from '../support/booted/vm-host.ts';

/** A host with kernel modules that DKMS builds: one of Debian's, and one of its own that is for 32-bit kernels alone. */

const minuteMs = 60_000;

const ownModule = `set -e
mkdir /usr/src/only32-1
cd /usr/src/only32-1
printf 'PACKAGE_NAME="only32"\\nPACKAGE_VERSION="1"\\nBUILT_MODULE_NAME="only32"\\nDEST_MODULE_LOCATION="/updates"\\nAUTOINSTALL="yes"\\n' > dkms.conf
echo 'obj-m := only32.o' > Makefile
cat > only32.c <<'C'
#include <linux/module.h>
#ifdef CONFIG_X86_64
#error "for 32 bit alone"
#endif
MODULE_LICENSE("GPL");
C
dkms install only32/1`;

let deb: Awaited<ReturnType<typeof buildDeb>>;
let vm: Vm;

beforeAll(async () => {
  deb = await buildDeb();
});

afterAll(() => deb?.dispose());

beforeEach(async () => {
  vm = await vmHost(deb.deb);
  await sh(
    'DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends install linux-headers-686-pae acpi-call-dkms make',
  );
});

afterEach(() => vm?.close());

async function sh(script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await vm.ssh(['sh', '-c', script], { limitMs: 30 * minuteMs });
  if (exitCode !== 0) throw new Error(`${script}: ${exitCode}\n${stdout}\n${stderr}`);
  return stdout;
}

async function crossgrade(...words: string[]) {
  const ran = await vm.ssh(['crossgrade', ...words], { limitMs: 40 * minuteMs });
  console.info(`${ran.stdout}\n${ran.stderr}`);
  return ran;
}

test('modules are built for the 64-bit kernel before the reboot; one that cannot be built keeps the host from it', async () => {
  await sh(ownModule);
  expect(await sh('dkms status')).toMatch(/only32\/1, .*686-pae, i686: installed/);
  await sh(`echo '{"reboot":"by-hand"}' > /root/answers.json`);

  const refused = await crossgrade('run', '--yes', '--answers', '/root/answers.json');
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('only32');

  await sh('dkms remove only32/1 --all');
  const resumed = await crossgrade('resume', '--yes');
  expect(resumed).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('CG0250') });
  expect(await sh('dkms status')).toMatch(/acpi-call\/.*-amd64, i686: installed/);

  await vm.reboot();
  expect(await sh('uname -m')).toBe('x86_64\n');
  expect(await sh('modprobe acpi_call && lsmod')).toContain('acpi_call');
});
