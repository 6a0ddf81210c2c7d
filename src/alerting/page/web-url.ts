/** An annotation can be anybody's text: only addresses a browser opens safely become links. */
export function isWebUrl(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\/[^\s]+$/.test(url) && URL.canParse(url);
}
