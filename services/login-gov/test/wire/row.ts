/** What every row of the wire's table has. */
export interface Row {
  /** Section of the fact sheet. */
  fact: string
  /** The case, as the end of a sentence. */
  when: string
}

export const DOCS = 'Please see our documentation at https://developers.login.gov/support/'
export const NS = 'http://idmanagement.gov/ns/assurance'
export const ACR = 'urn:acr.login.gov'
