/** What an import of a script gives: its text, without comments (`scripts/guest-text.mjs`). */
declare module '*.sh' {
  const text: string;
  export default text;
}
declare module '*.pl' {
  const text: string;
  export default text;
}
declare module '*.py' {
  const text: string;
  export default text;
}
declare module '*.sql' {
  const text: string;
  export default text;
}
