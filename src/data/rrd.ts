const words = ['bad', 'gone', 'left', 'changed', 'as-exported'] as const;

/**
 * What is to be said of an RRD file.
 *
 * `bad`: rrdtool says so. `gone`: it is not there. `left`: nothing was done with it. `changed`: it was written to since
 * the export. `as-exported`: it was not.
 */
export interface RrdRemark {
  readonly word: (typeof words)[number];
  readonly path: string;
  /** '' where the word says all. */
  readonly why: string;
}

/**
 * @param text records ended by zero bytes: a word, the file's number and a reason, with tabs between
 * @param paths the files by number
 */
export function readRrdRemarks(text: string, paths: readonly string[]): RrdRemark[] {
  return text
    .split('\0')
    .filter((record) => record !== '')
    .map((record) => {
      const [first, number, ...rest] = record.split('\t');
      const word = words.find((one) => one === first);
      const path = paths[Number(number)];
      if (word === undefined || path === undefined)
        throw new Error(`what is said of RRD files is not understood: ${record}`);
      return { word, path, why: rest.join('\t') };
    });
}
