/** Where a value of a union has been handled in all its cases: a case that is new and was forgotten does not compile. */
export function unhandled(value: never): never {
  throw new Error(`There is no way to handle ${JSON.stringify(value)}`);
}
