/** Versions that the repositories offer: name, then architecture, then versions. */
export type Availability = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
