import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { CheckReport } from '../../src/check/check-report-schema.ts';
import { freshRoot } from '../support/roots/roots.ts';
import { comparisonIn, convert, inRoot } from '../support/runs/conversion.ts';
import { crossgradeAsText, plentyBytes } from '../support/runs/faults.ts';

/** A package whose folder is named after the architecture, as Java's are; and the C library's own folder. */
test('folders named after the architecture are found where somebody wrote them, and are named at the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'named-paths-'));
  const root = await freshRoot(
    { suite: 'bookworm', packages: ['openjdk-17-jre-headless'] },
    { memoryBytes: plentyBytes },
  );
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root.directory, path)), { recursive: true });
    writeFileSync(join(root.directory, path), text, { mode: 0o755 });
  };
  const java = '/usr/lib/jvm/java-17-openjdk-i386';
  try {
    put('/etc/environment', `JAVA_HOME=${java}\n`);
    put('/etc/systemd/system/app.service', `[Service]\nExecStart=${java}/bin/java -jar /srv/app.jar\n`);
    put(
      '/usr/local/bin/convert',
      '#!/bin/sh\nls /usr/lib/i386-linux-gnu/gconv\n[ "$(uname -m)" = i686 ] && echo old\n',
    );
    const file = join(folder, 'report.json');
    await crossgradeAsText(root.directory, 'check', '--json', file);
    const { findings } = JSON.parse(readFileSync(file, 'utf8')) as CheckReport;
    const affected = (id: string) => findings.find((one) => one.id === id)?.affected;
    expect(affected('software/architecture-paths')).toEqual([
      '/usr/local/bin/convert, line 2: /usr/lib/i386-linux-gnu/gconv',
      `/etc/environment, line 1: ${java}; afterwards /usr/lib/jvm/java-17-openjdk-amd64`,
      `/etc/systemd/system/app.service, line 2: ${java}; afterwards /usr/lib/jvm/java-17-openjdk-amd64`,
    ]);
    expect(affected('software/architecture-tests')).toEqual(['/usr/local/bin/convert, line 3: uname -m']);

    const { ending } = await convert(root.directory);
    expect(ending.code, ending.text.slice(-3000)).toBe(0);
    const lost = comparisonIn(root.directory).differences.filter(({ what }) => what.includes('still names'));
    expect(lost.map(({ what }) => what).sort()).toEqual([
      `/etc/environment still names ${java}, which is gone; it is /usr/lib/jvm/java-17-openjdk-amd64 now`,
      expect.stringContaining(`/etc/systemd/system/app.service still names ${java}/bin/java, which is gone; it is`),
      '/usr/local/bin/convert still names /usr/lib/i386-linux-gnu/gconv, which is gone; it is /usr/lib/x86_64-linux-gnu/gconv now',
    ]);
    // What is typed is what mends it.
    for (const { command } of lost) {
      if (command !== undefined) await inRoot(root.directory, ['sh', '-c', command]);
    }
    expect(readFileSync(join(root.directory, 'etc/environment'), 'utf8')).toBe(
      'JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64\n',
    );
  } finally {
    await root.dispose();
    rmSync(folder, { recursive: true });
  }
});
