import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checks } from '../../../steps/check/index.ts';
import { steps } from '../../../steps/index.ts';

const top = fileURLToPath(new URL('../../..', import.meta.url));

const pages = ['README.md', 'CONTRIBUTING.md', 'fixtures/README.md', ...pagesIn('docs')];

function pagesIn(folder: string): string[] {
  return readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(top, folder, name));
}

/** `src/ROOM/system/NAME.ts` is one for any room: a word in capitals stands for a name. */
function exists(path: string): boolean {
  const walk = (folder: string, [segment, ...rest]: string[]): boolean => {
    if (segment === undefined || segment === '') return existsSync(folder);
    if (!/^[A-Z]+(?=\.|$)/.test(segment)) return walk(join(folder, segment), rest);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) return false;
    const end = segment.replace(/^[A-Z]+/, '');
    return readdirSync(folder).some((name) => name.endsWith(end) && walk(join(folder, name), rest));
  };
  return walk(top, path.split('/'));
}

function pathsIn(text: string): string[] {
  const found = text.match(/(?<![\w/.=-])(?:src|steps|test|scripts|docs|packaging|fixtures|bench)\/[\w./-]*/g) ?? [];
  // A sentence may end behind one.
  return [...new Set(found.map((path) => path.replace(/\.$/, '')))];
}

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(top, page), 'utf8');

  test('names no file of ours that is not there', () => {
    expect(pathsIn(text).filter((path) => !exists(path) && !exists(join(dirname(page), path)))).toEqual([]);
  });

  test('links to what is there', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link]) => link ?? '');
    expect(links.filter((link) => !existsSync(join(top, dirname(page), link)))).toEqual([]);
  });

  test('names no step or check that is not there', () => {
    const known = new Set<string>([...steps, ...checks].map(({ id }) => id));
    for (const check of checks) for (const id of Object.keys(check.about)) known.add(id);
    const named = [...text.matchAll(/`((?:prepare|kernel|switch|finish)\/[a-z-]+)`/g)].map(([, id]) => id ?? '');
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  test('names no npm script that is not there', () => {
    const { scripts } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...text.matchAll(/\bnpm run ([a-z:-]+)/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

test('the glossary’s names in code are those of the code', () => {
  const source = [...sourcesIn('src'), ...sourcesIn('steps')].map((file) => readFileSync(file, 'utf8')).join('\n');
  const rows = readFileSync(join(top, 'docs/GLOSSARY.md'), 'utf8').matchAll(/^\|[^|]+\|[^|]+\|([^|]+)\|$/gm);
  const named = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''));
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !new RegExp(`\\b${name}\\b`).test(source))).toEqual([]);
});

test('each decision is in the list, under its own number', () => {
  const names = readdirSync(join(top, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name));
  const list = readFileSync(join(top, 'docs/decisions/README.md'), 'utf8');
  expect(names.filter((name) => !list.includes(`](${name})`))).toEqual([]);
  expect(new Set(names.map((name) => name.slice(0, 4))).size).toBe(names.length);
});
