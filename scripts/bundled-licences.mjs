#!/usr/bin/env node
// Copies the licences of the npm packages that are in the bundled program: node scripts/bundled-licences.mjs FOLDER
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('..', import.meta.url));
const [folder] = process.argv.slice(2);
const bundle = readFileSync(join(top, 'dist/crossgrade.mjs'), 'utf8');
// esbuild names each source file before its code.
const places = new Set(bundle.match(/^\s*\/\/ (?:.*\/)?node_modules\/(?:@[^/\s]+\/)?[^/\s]+(?=\/)/gm));
for (const place of [...places].map((comment) => comment.trim().slice('// '.length)).sort()) {
  const source = join(top, place);
  const { name, version, license } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const base = join(folder, `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}`);
  const file = readdirSync(source).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (file === undefined) writeFileSync(`${base}.txt`, `${name} ${version}: ${license}\n`);
  else copyFileSync(join(source, file), `${base}.txt`);
}
