/** Units of systemd; those that do not start are told. */
export type ServiceAction = { readonly do: 'start-services'; readonly units: readonly string[] };
