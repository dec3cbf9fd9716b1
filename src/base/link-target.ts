/** Where a symlink leads, as an absolute path; `..` taken away, but no other symlink followed. */
export function linkTarget(path: string, target: string): `/${string}` {
  const parts: string[] = [];
  for (const part of (target.startsWith('/') ? target : `${path}/../${target}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
