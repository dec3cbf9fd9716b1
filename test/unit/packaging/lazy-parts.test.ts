import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { joinParts } from '../../../scripts/lazy-parts.mjs';

const folder = mkdtempSync(join(tmpdir(), 'crossgrade-parts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bundleOf = (text: string) => joinParts([{ path: '/dist/main.js', text }], 'main.js');

async function run(text: string): Promise<string> {
  const file = join(folder, 'bundle.mjs');
  writeFileSync(file, await bundleOf(text));
  return execFileSync(process.execPath, [file], { encoding: 'utf8' });
}

test('what looks like code of the bundle in a text stays a text', async () => {
  const texts = ['/* a */ b */', 'import_os.cpus', '// src/a.ts\n// b.c', 'é \u2028 😀', '</script> <!-- -->\n-->'];
  const said = await run(`
    import { cpus } from 'node:os';
    import * as util from 'node:util';
    const whole = util;
    export const ended = (async () => {
      const texts = [${texts.map((text) => `\`${text}\``).join(', ')}];
      console.log(JSON.stringify([texts, typeof cpus, whole.inspect(/é*\\/[*/]/u.test('é/*'))]));
    })();
  `);
  expect(JSON.parse(said)).toEqual([texts, 'function', 'true']);
});

test('what would become another text is not bundled', async () => {
  await expect(bundleOf('export const ended = String.raw`\\d é`;')).rejects.toThrow('would be another text');
  await expect(
    bundleOf(`import { cpus } from 'node:os'; export const ended = cpus('import_node_os.cpus');`),
  ).rejects.toThrow('stands in a text');
  await expect(bundleOf('export const ended = /[😀]/u;')).rejects.toThrow('cannot be written');
});

test('a program that ends before it has come to its end does not seem to have done its work', () => {
  const ends = async () => run('export const ended = new Promise(() => {});');
  return expect(ends()).rejects.toMatchObject({ status: 13 });
});
