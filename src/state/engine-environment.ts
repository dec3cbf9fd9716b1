/** Read by apt and its methods: without them a host behind a proxy has no mirror. */
export const proxyVariables: readonly string[] = [
  'http_proxy',
  'https_proxy',
  'ftp_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
];

/**
 * What of a terminal's environment the unit needs that goes on for it.
 *
 * @returns the text of a file for the unit; undefined when nothing of it is set
 * @see systemd.exec(5), EnvironmentFile=
 */
export function formatEngineEnvironment(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const lines = proxyVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined || !canBeWritten(value) ? [] : [`${name}=${quoted(value)}\n`];
  });
  return lines.length === 0 ? undefined : lines.join('');
}

/** Of a line with a control character systemd makes nothing, or two. */
function canBeWritten(value: string): boolean {
  return !/\p{Cc}/u.test(value);
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
