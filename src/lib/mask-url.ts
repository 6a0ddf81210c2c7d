const SECRET = '<secret>';

/** A URL that may be shown: `<secret>` in place of the password and of every query value, for any of them may be a token. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#:@]*):[^/?#@]*@/i, `$1:${SECRET}@`)
    .replace(/\?[^#]*/, (query) => query.replaceAll(/=[^&]+/g, `=${SECRET}`));
}

/** The part of a URL that says where it leads: no name, no password, no query. */
export function placeOfUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, '$1').replace(/[?#].*/s, '');
}
