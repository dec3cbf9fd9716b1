/**
 * As apt writes an address as the name of a file in its folder of lists: what could mean something else stands as a
 * number, and a slash as `_`.
 *
 * @param address without scheme and login
 * @see apt-pkg/contrib/strutl.cc, URItoFileName
 */
export function listFileName(address: string): string {
  const quoted = address.replaceAll(/[\\|{}[\]<>"^~_=!@#$%&*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  return quoted.replaceAll('/', '_');
}
