/** The network after a reboot, with what it was before. */
export type NetworkAction = { readonly do: 'compare-network' };
