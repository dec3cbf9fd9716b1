#!/usr/bin/env node
// Does the compiler find each place that must say what becomes of a new member of a union? A made-up one is put into each.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The declaration up to where members are put in, these, and the functions and tables that have to complain. */
const unions = [
  ['export type Action =', " | { readonly do: 'made-up' }", ['performers']],
  [
    'export type RunEvent =',
    " | { readonly type: 'made-up' } | { readonly type: 'of-step'; readonly step: string }",
    ['applyEvent', 'applyStepEvent', 'of', '#ofStep'],
  ],
  ['export type Severity =', " 'made-up' |", ['signStyles', 'styles', 'signOf']],
  ['const waveName = z.enum([', "'made-up', ", ['waveWords']],
  ['  change: z.enum([', "'made-up', ", ['countsText', 'packagesSection']],
];

const sources = new Map();
for (const folder of ['src', 'steps']) {
  for (const name of readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })) {
    const path = join(top, folder, name);
    if (name.endsWith('.ts')) sources.set(path, readFileSync(path, 'utf8'));
  }
}
for (const [declaration, members] of unions) {
  const found = [...sources].filter(([, text]) => text.includes(declaration));
  if (found.length !== 1) throw new Error(`“${declaration}” is in ${found.length} files, and must be in one`);
  for (const [path, text] of found) sources.set(path, text.replace(declaration, declaration + members));
}

const { config } = ts.readConfigFile(join(top, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, top);
const host = ts.createCompilerHost(options);
const read = host.readFile.bind(host);
host.readFile = (path) => sources.get(path) ?? read(path);
const program = ts.createProgram([...sources.keys()], options, host);
const complaining = new Set(
  program.getSemanticDiagnostics().map(({ file, start }) => (file === undefined ? '' : placeAt(file, start ?? 0))),
);

/** @returns the function, method or table in which a fault is */
function placeAt(file, position) {
  let place = '';
  const visit = (node) => {
    if (position < node.getFullStart() || position >= node.getEnd()) return;
    const isPlace = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isVariableDeclaration(node);
    if (isPlace && node.name !== undefined) place = node.name.getText(file);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return place;
}

const silent = unions.flatMap(([declaration, , places]) =>
  places
    .filter((place) => !complaining.has(place))
    .map((place) => `${place} would not notice a new member of “${declaration}”`),
);
for (const line of silent) console.error(line);
process.exitCode = silent.length === 0 ? 0 : 1;
