/** Remembers what was made, up to a number of things; then it begins anew. */
export class BoundedCache<Key, Value> {
  readonly #most: number;
  readonly #known = new Map<Key, Value>();

  constructor(most: number) {
    this.#most = most;
  }

  /** What `make` throws is not remembered. */
  getOrMake(key: Key, make: () => Value): Value {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (this.#known.size >= this.#most) this.#known.clear();
    this.#known.set(key, made);
    return made;
  }
}
