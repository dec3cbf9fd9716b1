#!/usr/bin/env node
// Copies the licences of the npm packages that are in the bundled program: node scripts/bundled-licences.mjs FOLDER
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('..', import.meta.url));
const [folder] = process.argv.slice(2);
const { dependencies } = JSON.parse(readFileSync(join(top, 'dist/crossgrade.dependencies.json'), 'utf8'));
for (const { name, version, licence, place } of dependencies) {
  const source = join(top, place);
  const base = join(folder, `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}`);
  const file = readdirSync(source).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (file === undefined) writeFileSync(`${base}.txt`, `${name} ${version}: ${licence}\n`);
  else copyFileSync(join(source, file), `${base}.txt`);
}
