/** Set by a signal; looked at between two actions, so that a dpkg call is never cut short. */
export interface Interruption {
  requested: boolean;
}
