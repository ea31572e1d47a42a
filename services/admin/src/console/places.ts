/** Where people may be sent after signing in: sections of the console, which a GET shows. */
const PLACES = [
  '/people',
  '/user-ids',
  '/companies',
  '/revocations',
  '/approvals',
  '/enrolments',
  '/terms',
  '/relying-services',
  '/signing-keys',
  '/audit',
]

/** The place to go on to, out of what a request names: one of a list, so that no link leads to another website. */
export function placeOf(path: string | undefined): string {
  return PLACES.find((place) => place === path) ?? '/people'
}

/** The address that starts a sign-in which comes back to the section of `path`. */
export function signInPath(path?: string): string {
  const section = path?.split('/').slice(0, 2).join('/')
  return `/sign-in?return_to=${encodeURIComponent(placeOf(section))}`
}
