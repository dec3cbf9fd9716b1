export interface Unseen {
  /** `files below /root`. */
  readonly what: string;
  /** `only root can read them`. */
  readonly why: string;
}

/** @returns whether a report made by root would have it */
export function needsRoot({ why }: Unseen): boolean {
  return why.startsWith('only root ');
}
