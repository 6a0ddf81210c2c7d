const SECRET = '<secret>';

/** Names of parameters whose value is a secret. */
const SECRET_NAME = /token|key|secret|passw|pwd|auth|credential|signature|session|^sig$/i;

/**
 * A URL that may be shown: `<secret>` in place of the password, of a name that stands alone (it may be a token), and of every
 * query value, for any of them may be one.
 */
export function maskUrl(url: string): string {
  return maskUserinfo(url).replace(/\?[^#]*/, (query) => query.replaceAll(/=[^&]+/g, `=${SECRET}`));
}

/** The same for a URL that is recognized by its parameters, as a probe's is: only values under a secret's name are hidden. */
export function maskSecretsOfUrl(url: string): string {
  return maskUserinfo(url).replace(/\?[^#]*/, (query) =>
    query.replaceAll(/([^?&=]+)=[^&]+/g, (pair, name: string) => (SECRET_NAME.test(name) ? `${name}=${SECRET}` : pair)),
  );
}

function maskUserinfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i, (_, scheme: string, userinfo: string) => {
    const name = /^([^:]+):/.exec(userinfo)?.[1];
    return `${scheme}${name === undefined ? '' : `${name}:`}${SECRET}@`;
  });
}

/** The part of a URL that says where it leads: no name, no password, no query. */
export function placeOfUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*/s, '');
}
