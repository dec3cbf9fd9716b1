/**
 * Shows a long text by the screenful: neither the text console nor a serial line can scroll back.
 *
 * @param rows of the terminal; undefined when unknown
 * @param more whether the reader wants to see the next page
 */
export async function showPages(
  lines: readonly string[],
  rows: number | undefined,
  write: (lines: readonly string[]) => void,
  more: () => Promise<boolean>,
): Promise<void> {
  // The question has a row of its own.
  const page = Math.max(1, (rows ?? usualRows) - 1);
  for (let from = 0; from < lines.length; from += page) {
    if (from > 0 && !(await more())) return;
    write(lines.slice(from, from + page));
  }
}

const usualRows = 24;
