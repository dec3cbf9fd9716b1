/**
 * @param width columns for the text, without the indent of the lines after the first
 * @returns lines broken at spaces; a word longer than a line stays whole, so that it can be copied
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const stanza of text.split('\n')) {
    let line = '';
    for (const word of stanza.split(/\s+/).filter((part) => part !== '')) {
      if (line === '') line = word;
      else if (line.length + 1 + word.length <= width) line += ` ${word}`;
      else {
        lines.push(line);
        line = word;
      }
    }
    lines.push(line);
  }
  return lines;
}
