/** Where a person may be sent after signing in: pages of this website that a GET shows. */
const PLACES = [
  '/main-menu',
  '/cbsv',
  '/cbsv/online-verification',
  '/cbsv/help',
  '/services/request',
  '/services/pending',
  '/services/activation',
  '/services/activated',
]

/**
 * The place to go on to, out of what a request names. Only exact paths of a list: nothing that a link could carry
 * leads to another website.
 */
export function placeOf(path: string | undefined): string {
  return PLACES.find((place) => place === path) ?? '/main-menu'
}

/** The address that starts a sign-in which comes back to `path`. */
export function signInPath(path?: string): string {
  return `/sign-in?return_to=${encodeURIComponent(placeOf(path))}`
}

/** The same for somebody who has a session: sign-in asks for the User ID again, and decides anew what it opens. */
export function signInAgainPath(path: string): string {
  return `${signInPath(path)}&again=yes`
}
