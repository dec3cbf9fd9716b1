import { compileFunction } from 'node:vm';
import { transform } from 'esbuild';

/** Stands for the end of a comment within one. */
const commentEnd = '*@/';

// Each part is a comment in a function, since V8 goes over a comment ten times as fast as over code; what the function is
// written as gives it back, without a look at the disk, where another version may lie by then.
const head = `#!/usr/bin/env node
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';

const fromNode = createRequire(import.meta.url);
/** Node's own modules, each loaded when something of it is first used. */
const late = new Proxy({}, { get: (known, name) => (known[name] ??= fromNode(name)) });
const loaded = new Map();

/** Evaluates a part of this file when it is first asked for. */
function load(name) {
  const part = parts[name];
  if (part === undefined) return fromNode(name);
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const [lineOffset, holder] = part;
  const text = String(holder).slice(9, -3).replaceAll('${commentEnd}', '*' + '/');
  const module = { exports: {} };
  loaded.set(name, module);
  const names = ['require', 'exports', 'module', 'late'];
  compileFunction(text, names, { filename: import.meta.url, lineOffset })(load, module.exports, module, late);
  return module.exports;
}

const parts = {
  __proto__: null,
`;

/**
 * Makes one file of the chunks that esbuild has split a program into. What is reached by import() alone is neither
 * parsed nor evaluated before.
 *
 * @param {import('esbuild').OutputFile[]} chunks ES modules
 * @param {string} entry name of the chunk to begin with; the program ends when its `ended` is settled
 */
export async function joinParts(chunks, entry) {
  let bundle = head;
  for (const { path, text } of chunks) {
    const code = await toCommonJs(text);
    compileFunction(code);
    if (code.includes(commentEnd)) throw new Error(`${path} has a ${commentEnd} in it.`);
    const start = `  '${nameOf(path)}': [`;
    const lines = bundle.split('\n').length - 1;
    bundle += `${start}${lines}, () => {/*${code.replaceAll('*/', commentEnd)}*/}],\n`;
  }
  return `${bundle}};\n\nawait load('./${entry}').ended;\n`;
}

function nameOf(path) {
  return `./${path.slice(path.lastIndexOf('/') + 1)}`;
}

/** Node's own modules that every command needs; the others are loaded by what first uses them, which is not long. */
const alwaysNeeded = ['node:fs', 'node:path'];

async function toCommonJs(text) {
  // The names of the source files stay: esbuild keeps no comments but legal ones.
  const marked = text.replaceAll(/^\/\/ (\S+\.\S+)$/gm, '//! $1');
  const { code } = await transform(marked, {
    format: 'cjs',
    platform: 'browser',
    target: 'node18',
    sourcefile: 'part.mjs',
    supported: { 'dynamic-import': false },
    legalComments: 'inline',
  });
  const named = code.replaceAll(/^\/\/! (\S+\.\S+)$/gm, '// $1');
  const [raw] = /\bString\.raw\s*`(?:[^`\\]|\\.)*?[^\0-\x7f]/s.exec(named) ?? [];
  if (raw !== undefined) throw new Error(`${raw} would be another text with \\uXXXX in it.`);
  const ascii = named.replaceAll(/[^\0-\x7f]/gu, escaped);
  // As an ES module is by itself.
  return `'use strict';\n${withLateBuiltins(ascii, text)}`;
}

/** @param {string} before the code, before esbuild gave what is imported a name */
function withLateBuiltins(code, before) {
  const late = new Map();
  const rest = code.replaceAll(/^var (import_\w+) = require\("(node:[\w/]+)"\);\n/gm, (line, variable, name) => {
    if (alwaysNeeded.includes(name)) return line;
    if (before.includes(`${variable}.`)) throw new Error(`${variable} stands in a text, which would be changed.`);
    late.set(variable, name);
    return '';
  });
  return rest.replaceAll(/\bimport_\w+(?=\.)/g, (variable) =>
    late.has(variable) ? `late["${late.get(variable)}"]` : variable,
  );
}

/** In strings esbuild has done it; what is left stands in comments and in regular expressions. */
function escaped(character) {
  if (character.length > 1) throw new Error(`${character} cannot be written as \\uXXXX in a regular expression.`);
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
