// How the scripts in guest/ get into the program: an import of `#guest/…` (package.json, `imports`)
// is the text of a file, the same in the bundle and in the tests.
import { readFileSync } from 'node:fs';

const ofScript = /\.(?:sh|pl|py|sql)$/;

/**
 * Without comments and lines that are empty: these are for who reads the source, and no business of a process list. A script
 * with an interpreter in its first line is written to a file, where somebody may find it: it only loses the comment that
 * follows that line.
 *
 * @param {string} path of a file in guest/
 * @returns {string} what is run
 */
export function guestText(path) {
  const text = readFileSync(path, 'utf8');
  if (text.startsWith('#!')) return text.replace(/^(#!.*\n)(?:#.*\n)*\n*/, '$1');
  const comment = path.endsWith('.sql') ? /^\s*--.*\n/gm : /^\s*#.*\n/gm;
  return text.replaceAll(comment, '').replaceAll(/^\n/gm, '');
}

/** @param {string} path */
function moduleOf(path) {
  // As a template it has its own line breaks in the bundle.
  return `export default \`${guestText(path).replaceAll(/[\\`]|\$\{/g, '\\$&')}\`;\n`;
}

/** For esbuild. */
export const guestScripts = {
  name: 'guest-scripts',
  /** @param {import('esbuild').PluginBuild} build */
  setup({ onLoad }) {
    onLoad({ filter: ofScript }, ({ path }) => ({ contents: moduleOf(path), loader: 'js' }));
  },
};

/** For vite, and so for vitest. */
export const guestScriptsInTests = {
  name: 'guest-scripts',
  enforce: 'pre',
  /** @param {string} id */
  load(id) {
    return ofScript.test(id) ? moduleOf(id) : undefined;
  },
};
