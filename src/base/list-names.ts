/** @returns `a, b and 3 more`, for a sentence */
export function listNames(names: readonly string[], most = 8): string {
  const more = names.length - most;
  // One name takes no more room than to count it.
  if (more > 1) {
    return `${names.slice(0, most).join(', ')} and ${more} more`;
  }
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
