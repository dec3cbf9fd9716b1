import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { crossgradeAsText, withRoot } from '../../support/runs/faults.ts';

/** As a host that was installed for amd64, as far as its package database tells. */
function makeSixtyFour(directory: string, ...more: readonly string[]): void {
  const file = join(directory, 'var/lib/dpkg/status');
  const text = readFileSync(file, 'utf8').replaceAll('Architecture: i386', 'Architecture: amd64');
  writeFileSync(file, text);
  for (const stanza of more) appendFileSync(file, `${stanza}\n`);
}

const hello = `Package: hello
Status: install ok installed
Maintainer: somebody <somebody@mirror.example>
Architecture: i386
Version: 2.10-3
Description: a program that somebody keeps
`;

describe('a 64-bit system with a 32-bit program', () => {
  test('is finished, and every command says so in the same words', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      makeSixtyFour(directory, hello);
      const story = ['This system is amd64 already.', 'hello:i386', 'apt-get install NAME:amd64'];
      for (const [command, code] of [
        [['check'], 0],
        [['status'], 0],
        [['run', '--yes'], 3],
        [['resume'], 0],
      ] as const) {
        const end = await crossgradeAsText(directory, ...command);
        const said = end.text.replaceAll(/\s+/g, ' ');
        for (const words of story) expect(said.toLowerCase(), command[0]).toContain(words.toLowerCase());
        expect(end.code).toBe(code);
      }
    }));
});
