/**
 * Takes an edit of ours out of a text that somebody else may have changed since. Lines are found again where the texts
 * agree, also when they have become comments; where a line of ours is not found, nothing is changed.
 *
 * @param before the text before our edit
 * @param edited the text after it
 * @param now the text as it is
 * @returns `now` with the lines of `before` in place of ours
 */
export function takeBackEdit(before: string, edited: string, now: string): string {
  if (before === edited) return now;
  if (now === edited) return before;
  const ours = edited.split('\n');
  const lines = now.split('\n');
  const places = sameLines(ours, lines);
  const result = [...lines];
  // From the end, so that earlier places stay true.
  for (const { from, to, old } of changesBetween(before.split('\n'), ours).reverse()) {
    // Of lines that we took out only the neighbours are there.
    const [first, last] = from === to ? [from - 1, from] : [from, to - 1];
    const start = places.get(first);
    if (start === undefined || places.get(last) !== start + last - first) continue;
    const [at, count] = from === to ? [start + 1, 0] : [start, to - from];
    const marks = commentMark(lines[start] ?? '').slice(commentMark(ours[first] ?? '').length);
    result.splice(at, count, ...old.map((line) => `${marks}${line}`));
  }
  return result.join('\n');
}

/** Lines `from` up to `to`, exclusive, of the edited text stand where the others stood. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly old: readonly string[];
}

function changesBetween(before: readonly string[], edited: readonly string[]): Change[] {
  const changes: Change[] = [];
  const places = sameLines(before, edited);
  let start = 0;
  let from = 0;
  for (let index = 0; index <= before.length; index += 1) {
    const to = index === before.length ? edited.length : places.get(index);
    if (to === undefined) continue;
    changes.push(...lineByLine({ from, to, old: before.slice(start, index) }));
    start = index + 1;
    from = to + 1;
  }
  return changes;
}

/** Where as many lines came as went, each is a change of its own: another one near it may not be found again. */
function lineByLine({ from, to, old }: Change): Change[] {
  if (from === to && old.length === 0) return [];
  if (old.length !== to - from) return [{ from, to, old }];
  return old.map((line, index) => ({ from: from + index, to: from + index + 1, old: [line] }));
}

function commentMark(line: string): string {
  return /^\s*#[#\s]*/.exec(line)?.[0] ?? '';
}

/** The longest sequence of lines that both texts have, comment marks aside: where each of the first is in the second. */
function sameLines(first: readonly string[], second: readonly string[]): Map<number, number> {
  const same = (a: number, b: number): boolean => bare(first[a]) === bare(second[b]);
  const lengths = Array.from({ length: first.length + 1 }, () => new Array<number>(second.length + 1).fill(0));
  const lengthAt = (a: number, b: number): number => lengths[a]?.[b] ?? 0;
  for (let a = first.length - 1; a >= 0; a -= 1) {
    const row = lengths[a];
    for (let b = second.length - 1; row && b >= 0; b -= 1) {
      row[b] = same(a, b) ? lengthAt(a + 1, b + 1) + 1 : Math.max(lengthAt(a + 1, b), lengthAt(a, b + 1));
    }
  }
  const places = new Map<number, number>();
  let a = 0;
  let b = 0;
  while (a < first.length && b < second.length) {
    if (same(a, b)) {
      places.set(a, b);
      a += 1;
      b += 1;
    } else if (lengthAt(a + 1, b) >= lengthAt(a, b + 1)) a += 1;
    else b += 1;
  }
  return places;
}

function bare(line = ''): string {
  return line.slice(commentMark(line).length);
}
