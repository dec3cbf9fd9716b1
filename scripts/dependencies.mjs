import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The npm packages whose code is in a bundle.
 *
 * @param {import('esbuild').Metafile} metafile
 * @param {string} top folder that its paths are relative to
 * @returns {{ name: string, version: string, licence: string, place: string }[]}
 */
export function dependenciesOf({ outputs }, top) {
  const places = new Set();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [place] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? [];
      if (place !== undefined && bytesInOutput > 0) places.add(place);
    }
  }
  const found = [...places].map((place) => {
    const { name, version, license } = JSON.parse(readFileSync(join(top, place, 'package.json'), 'utf8'));
    if (typeof license !== 'string') throw new Error(`${place}/package.json names no licence.`);
    return { name, version, licence: license, place };
  });
  const key = ({ name, version, place }) => `${name} ${version} ${place}`;
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
