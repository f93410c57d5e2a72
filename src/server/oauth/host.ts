/** Is this `Host` header the one of `url`? A server that answers to any name can be reached by DNS rebinding (OAU-08). */
export function isOwnHost(url: string, host: string | undefined): boolean {
  if (!host) return false;
  const own = new URL(url);
  return URL.parse(`${own.protocol}//${host}`)?.host === own.host && !/[/?#@\\]/.test(host);
}
