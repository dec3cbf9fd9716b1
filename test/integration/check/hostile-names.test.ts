import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckReport } from '../../../src/check/check-report-schema.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { bundle } from '../../support/runs/faults.ts';

/**
 * A root in which everything that can have a name, or say something, has one that a terminal would act on: nothing but
 * text, line ends and (where it is one) our own colours may come out.
 */

const title = '\u001b]0;pwned\u0007';
const tool = `${title}\u001b[2J\u202etool\u200b\nREADY: nothing blocks`;
/** A terminal would act on it, or hide it; line ends apart. */
const harmful = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

let root: FreshRoot;
const inside = (path: string) => join(root.directory, path);

beforeAll(async () => {
  root = await freshRoot('bookworm-minimal');
  mkdirSync(inside('usr/local/bin'), { recursive: true });
  copyFileSync(inside('bin/true'), inside(`usr/local/bin/${tool}`));
  // No text at all.
  copyFileSync(
    inside('bin/true'),
    Buffer.concat([Buffer.from(inside('usr/local/bin/')), Buffer.from('bad\xff\x1b[2J', 'latin1')]),
  );
  mkdirSync(inside(`etc/cron.d`), { recursive: true });
  writeFileSync(inside(`etc/cron.d/${tool.replaceAll('/', '')}`), '0 0 * * * root /usr/lib/i386-linux-gnu/x\n');
  writeFileSync(inside(`etc/${title}.conf`), 'path /usr/lib/i386-linux-gnu/x\n');
  writeFileSync(inside('etc/hostname'), `${tool}\n`);
});

afterAll(() => root?.dispose());

/** Bytes of both streams, as text. */
async function crossgrade(...words: string[]): Promise<{ code: number; all: string; stdout: string }> {
  const argv = [bundle(), ...words, '--root', root.directory];
  const env = { ...process.env, NO_COLOR: '1' };
  const { exitCode, stdout, stderr } = await execa(process.execPath, argv, { reject: false, encoding: 'buffer', env });
  const [out, err] = [stdout, stderr].map((bytes) => Buffer.from(bytes).toString());
  return { code: exitCode ?? -1, all: `${out}${err}`, stdout: out ?? '' };
}

describe('where names would take over a terminal', () => {
  test('check shows them, on the terminal and on the web page', async () => {
    const page = inside('tmp/report.html');
    const { code, all } = await crossgrade('check', '--output', 'text', '--verbose', '--html', page);
    expect([0, 3]).toContain(code);
    expect(all).not.toMatch(harmful);
    expect(all.match(/^READY: /gm) ?? []).toHaveLength(code === 0 ? 1 : 0);
    expect(all.replaceAll(/\n +/g, ' ')).toContain('\\x1b]0;pwned\\x07\\x1b[2J\\u202etool\\u200b\\nREADY');
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('pwned\\x07');
    expect(html).not.toMatch(harmful);
  });

  test('check says them as JSON that is harmless, and what they are', async () => {
    const { all, stdout } = await crossgrade('check', '--json');
    expect(all).not.toMatch(harmful);
    const { findings } = JSON.parse(stdout) as CheckReport;
    expect(findings.flatMap(({ affected }) => affected).filter((one) => one.includes(tool))).not.toEqual([]);
  });

  test('what apt says of a source is shown', async () => {
    const list = inside('etc/apt/sources.list.d/shop.list');
    // apt itself refuses control characters, and no others.
    writeFileSync(list, 'deb [trusted=yes] http://127.0.0.1:1/a\u202eb test main\n');
    const told = await crossgrade('check', '--verbose');
    expect(told.all).toContain('a\\u202eb');
    expect(told.all).not.toMatch(harmful);
    writeFileSync(list, `deb \u001b[2J${title}\n`);
    const { all } = await crossgrade('check');
    expect(all).toContain('CG0101');
    expect(all).not.toMatch(harmful);
    writeFileSync(list, '');
  });

  test('a run, its failure, its status and its journal show what a script has said', async () => {
    const hook = `pre-invoke=printf '\\033]0;pwned\\007\\033[2J\\342\\200\\256the hook says no\\r\\n' >&2; exit 1\n`;
    writeFileSync(inside('etc/dpkg/dpkg.cfg.d/zz-hook'), hook);
    // A program with such a name is asked for its libraries like any other.
    const answers = inside('tmp/answers.json');
    writeFileSync(answers, '{"local-software":"leave"}');
    const common = ['--output', 'text', '--verbose', '--until', 'libraries'];
    const failed = await crossgrade('run', '--yes', '--answers', answers, ...common);
    expect(failed.code, failed.all).toBe(1);
    expect(failed.all).toContain('\\x1b]0;pwned\\x07\\x1b[2J\\u202ethe hook says no');
    expect(failed.all).not.toMatch(harmful);
    for (const words of [
      ['status', '--verbose'],
      ['status', '--json'],
      ['resume', '--output', 'json'],
    ]) {
      const { all } = await crossgrade(...words);
      expect(all, words.join(' ')).not.toMatch(harmful);
      expect(all, words.join(' ')).toContain('the hook says no');
    }
    const back = await crossgrade('rollback', '--yes');
    expect(back.all).not.toMatch(harmful);
  });

  test('what was typed is shown, too', async () => {
    const { code, all } = await crossgrade('run', '--yes', '--root', `/srv/${tool}`);
    expect(code).toBe(2);
    expect(all).not.toMatch(harmful);
  });
});
