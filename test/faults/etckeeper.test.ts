import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshRoot } from '../support/roots/roots.ts';
import { comparisonIn, convert, inRoot, installedIn } from '../support/runs/conversion.ts';
import { crossgradeAsText, plentyBytes } from '../support/runs/faults.ts';

/** /etc is kept in git by etckeeper, and something in it is not committed. */
test('etckeeper commits before and after, as with apt, and its refusal stops a run before anything has changed', async () => {
  const packages = ['cron', 'cups', 'etckeeper', 'git', 'grub-pc', 'initramfs-tools', 'postfix', 'systemd-sysv'];
  const root = await freshRoot({ suite: 'bookworm', packages }, { memoryBytes: plentyBytes });
  const inEtc = async (...argv: string[]): Promise<string> => {
    const [result] = await inRoot(root.directory, ['git', '-C', '/etc', ...argv]);
    expect(result?.exitCode, result?.stderr).toBe(0);
    return result?.stdout ?? '';
  };
  const settings = join(root.directory, 'etc/etckeeper/etckeeper.conf');
  const asShipped = readFileSync(settings, 'utf8');
  try {
    writeFileSync(join(root.directory, 'etc/own.conf'), 'mine\n');
    appendFileSync(settings, 'AVOID_COMMIT_BEFORE_INSTALL=1\n');
    const before = JSON.stringify(installedIn(root.directory));
    const refused = await convert(root.directory);
    expect([refused.ending.code, refused.ending.text]).toEqual([1, expect.stringContaining('CG0390')]);
    expect(refused.ending.text).toContain('etckeeper detected uncommitted changes');
    expect(JSON.stringify(installedIn(root.directory))).toBe(before);
    expect(await inEtc('status', '--short')).not.toContain('crossgrade');

    writeFileSync(settings, asShipped);
    const until = await crossgradeAsText(root.directory, 'resume', '--until', 'prepare');
    expect(until.code, until.text.slice(-3000)).toBe(0);
    // As long as it is there, etckeeper's daily commit rests.
    const resting = join(root.directory, 'var/cache/etckeeper/packagelist.pre-install');
    expect(existsSync(resting)).toBe(true);
    const back = await crossgradeAsText(root.directory, 'rollback', '--yes');
    expect(back.code, back.text.slice(-3000)).toBe(0);
    expect([existsSync(resting), await inEtc('status', '--short')]).toEqual([false, '']);

    const { ending } = await convert(root.directory);
    expect(ending.code, ending.text.slice(-3000)).toBe(0);
    expect(await inEtc('status', '--short')).toBe('');
    const [after, earlier, ...rest] = (await inEtc('log', '--format=%s')).trim().split('\n');
    expect(after).toBe('committing changes in /etc made by "crossgrade"');
    expect([earlier, rest]).toEqual(['saving uncommitted changes in /etc prior to apt run', ['Initial commit']]);
    expect(await inEtc('show', '--stat', '--format=', 'HEAD~1')).toContain('own.conf');
    const changed = await inEtc('show', '--name-status', '--format=%b', 'HEAD');
    expect(changed).toContain('+apt 2.');
    expect(changed).toContain('D\tld.so.conf.d/i386-linux-gnu.conf');
    expect(changed).not.toContain('crossgrade');
    expect(comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
  } finally {
    await root.dispose();
  }
});
