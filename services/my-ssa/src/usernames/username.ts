// What a username is. The numbers are assumed: 8 to 20 letters and digits of the Latin alphabet.

const FORM = /^[A-Za-z0-9]{8,20}$/

export type UsernameProblem = 'blank' | 'malformed'

export function usernameProblem(username: string): UsernameProblem | undefined {
  if (username === '') return 'blank'
  return FORM.test(username) ? undefined : 'malformed'
}

/** The form in which usernames are compared: case and blanks around do not count. */
export function canonicalUsername(username: string): string {
  return username.trim().toLowerCase()
}
