import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { guestText } from '../../../scripts/guest-text.mjs';
import { programMark } from '../../../src/base/machine.ts';
import { cryptRecordFolder } from '../../../src/base/own-paths.ts';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const scripts = filesIn('guest').filter((path) => !path.endsWith('.ts'));
const sources = ['src', 'steps'].flatMap(filesIn).filter((path) => path.endsWith('.ts'));

function filesIn(folder: string): string[] {
  return readdirSync(join(top, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(top.length));
}

const texts = new Map<string, string>();

function textOf(path: string): string {
  const text = texts.get(path) ?? readFileSync(join(top, path), 'utf8');
  texts.set(path, text);
  return text;
}

describe('a script in guest/', () => {
  test.each(scripts)('%s begins with what has to be known of it', (path) => {
    const [header = ''] = /^(?:(?:#|--).*\n)+\n/.exec(textOf(path)) ?? [];
    const needed = path.endsWith('.sql')
      ? [/^-- For psql/m]
      : [/\b[Rr]un /, /Arguments/, /[Ee]nvironment/, /Exit codes/];
    for (const one of needed) expect(header).toMatch(one);
    const users = sources.filter((source) => textOf(source).includes(`'#${path}'`)).map((source) => basename(source));
    expect(users).not.toEqual([]);
    for (const user of users) expect(header, `${user} runs it`).toContain(user);
    const known = new Set(sources.map((source) => basename(source)));
    expect([...header.matchAll(/[\w-]+\.ts\b/g)].flat().filter((name) => !known.has(name))).toEqual([]);
  });

  test('has the names and places that the sources know', () => {
    expect(textOf('guest/root/await-program.sh')).toContain(`\nunset ${programMark}\n`);
    expect(textOf('guest/boot/unlocking-hook.sh')).toContain(`\nrecord=${cryptRecordFolder}\n`);
  });

  test('is run without its comments, but written to a file with those below the first', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crossgrade-guest-'));
    const read = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return guestText(join(folder, name));
    };
    try {
      expect(read('a.sh', '# what\n\necho "# $#" # why\n  # how\n\necho -- b\n')).toBe(
        'echo "# $#" # why\necho -- b\n',
      );
      expect(read('b.sh', '#!/bin/sh\n# what\n\n# Written by us.\necho\n')).toBe('#!/bin/sh\n# Written by us.\necho\n');
      expect(read('c.sql', '-- what\n\nSELECT 1 -- why\n  - 2;\n-- how\n')).toBe('SELECT 1 -- why\n  - 2;\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Texts of several lines that are no scripts, or none that we run. */
const noScripts: Readonly<Record<string, string>> = {
  'script.ts': 'runs in a browser, as part of a page',
  'style.ts': 'is for a browser',
  'hold-units.ts': 'is a setting of systemd',
  'solve.ts': 'is a configuration of apt',
  'recorded-host.ts': 'is a configuration of apt',
  'avoid-recommends.ts': 'is a configuration of apt',
  'guard-apt.ts': 'is a configuration of apt',
  'local-programs.ts': 'is what an administrator types',
};

/** Where a text of the sources is a script: of several lines, or of several commands for a shell, or of SQL. */
function scriptsIn(path: string, text: string): string[] {
  const found: string[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (isText(node) && isScript(node)) {
      found.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

type Text = ts.StringLiteralLike | ts.TemplateExpression;

function isText(node: ts.Node): node is Text {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function isScript(node: Text): boolean {
  if (ts.isTaggedTemplateExpression(node.parent) && node.parent.tag.getText() === 'html') return false;
  const parts = ts.isTemplateExpression(node) ? [node.head, ...node.templateSpans.map((span) => span.literal)] : [node];
  // As written: messages have line breaks as well, but escaped.
  if (parts.some((part) => part.getText().includes('\n'))) return true;
  const said = parts.map((part) => part.text).join('…');
  return /"\$(?:[@\d]|\{?[a-z_]+)/.test(said) && (said.match(/;|&&|\|/g) ?? []).length > 1;
}

describe('a script in a string', () => {
  test('is in no source', () => {
    const found = sources.flatMap((path) => (basename(path) in noScripts ? [] : scriptsIn(path, textOf(path))));
    expect(found).toEqual([]);
  });

  test('is one of several lines, or of several commands', () => {
    expect(scriptsIn('a.ts', 'const a = `\nset -eu\necho ${b}\n`;')).toEqual(['a.ts:1']);
    expect(scriptsIn('a.ts', 'const a = String.raw`use strict;\nprint;`;')).toEqual(['a.ts:1']);
    expect(scriptsIn('a.ts', 'run(\n["sh", "-c", \'rm "$1"; mv "$2" "$1"; sync\'])')).toEqual(['a.ts:2']);
  });

  test('is no message, page or single command', () => {
    expect(scriptsIn('a.ts', 'const a = `${b}\\n${c.map(\n(d) => d)}`;')).toEqual([]);
    expect(scriptsIn('a.ts', 'const a = html`<p>\n${b}</p>`;')).toEqual([]);
    expect(scriptsIn('a.ts', 'run(["sh", "-c", \'cd "$0" && exec "$@"\'])')).toEqual([]);
  });

  test('that may stay is still there', () => {
    const there = new Set(
      sources.filter((path) => scriptsIn(path, textOf(path)).length > 0).map((path) => basename(path)),
    );
    expect(Object.keys(noScripts).filter((name) => !there.has(name))).toEqual([]);
  });
});
