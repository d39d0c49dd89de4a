/**
 * Whether the copy that a client names in If-None-Match is still good (RFC 9110, 13.1.2: weak comparison). Unlike
 * Express's `req.fresh` this heeds no Cache-Control of the request: `fetch` adds `no-cache` to every such request.
 */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = etag.replace(/^W\//, '');
  return ifNoneMatch.split(',').some((part) => part.trim() === '*' || part.trim().replace(/^W\//, '') === opaque);
}
