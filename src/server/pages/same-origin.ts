/**
 * May this POST have come from one of our own pages? The browser says where it came from; a program without such
 * headers may post too, and is held by the CSRF token alone. Under `no-referrer` a page's own POST has the origin
 * `null`, which only counts with `Sec-Fetch-Site: same-origin`.
 */
export function isSameOrigin(
  url: string,
  headers: { readonly origin: string | undefined; readonly fetchSite: string | undefined },
): boolean {
  if (headers.fetchSite !== undefined && headers.fetchSite !== 'same-origin') return false;
  if (headers.origin === undefined) return true;
  return headers.origin === 'null'
    ? headers.fetchSite === 'same-origin'
    : headers.origin === new URL(url).origin;
}
