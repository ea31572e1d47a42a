// What must not be in an audit trail, should anybody ever record it: an entry cannot be taken out again. Nobody's request
// fails for it; the value is left out. What looks like an identifier stays, opaque tokens among it: there is no telling
// them apart.

/** What an entry may hold: JSON. */
export type Fact = string | number | boolean | null | undefined | readonly Fact[] | Facts
export type Facts = { readonly [name: string]: Fact }

export const WITHHELD = '[withheld]'

const SSN_WITH_SIGNS = /(?<![\w-])\d{3}[- ]\d{2}[- ]\d{4}(?![\w-])/g
const NINE_DIGITS = /(?<![\w-])\d{9}(?![\w-])/g
const PHONE_NUMBER =
  /(?<![\w+-])(?:\+[1-9]\d{6,14}|(?:\+?1[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4})(?![\w-])/g
/** A JWT, signed or encrypted, or what is left of one: the header of each begins like this. */
const JWT = /eyJ[\w-]{10,}(?:\.[\w-]*)*/g

/** Names under which no value is harmless but a word, such as the code of a refusal. */
const SECRET_NAME =
  /^(?:.*(?:password|secret|token|authorization|cookie|verifier|assertion|phone|phone_?number|otp)|ssn|code|pin)$/i
const WORD = /^[a-z][a-z_ -]*$/

const MOST_CHARACTERS = 4_096
const DEEPEST = 5

/** An identifier, without what cannot be one. Nine digits may be the number of a company. */
export function guardedIdentifier(text: string): string {
  return storable(text)
    .replace(JWT, WITHHELD)
    .replace(SSN_WITH_SIGNS, WITHHELD)
    .replace(PHONE_NUMBER, WITHHELD)
}

/** What something was done to: an id, or its kind and its id. After a kind nine digits are a company's or an SSN. */
export function guardedSubject(text: string): string {
  return text.includes(' ') && !text.startsWith('ein ') ? guardedText(text) : guardedIdentifier(text)
}

/** What somebody wrote. An EIN is kept as people write it: 12-3456789. */
export function guardedText(text: string): string {
  return guardedIdentifier(text).replace(NINE_DIGITS, WITHHELD).slice(0, MOST_CHARACTERS)
}

/** The facts as JSON text, at most 4,096 characters: larger ones are left out as a whole. */
export function guardedFacts(facts: Facts): string {
  const json = JSON.stringify(guardedObject(facts, 0))
  return json.length <= MOST_CHARACTERS ? json : JSON.stringify({ withheld: 'too large' })
}

function guardedObject(facts: Facts, depth: number): Facts {
  const isOfCompany = facts.kind === 'ein'
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => {
      const mayBeEin = /^eins?$/.test(name) || (isOfCompany && name === 'value')
      return [guardedText(name), SECRET_NAME.test(name) ? wordOnly(fact) : guarded(fact, mayBeEin, depth)]
    }),
  )
}

function wordOnly(fact: Fact): Fact {
  const isHarmless =
    fact === null ||
    fact === undefined ||
    typeof fact === 'boolean' ||
    (typeof fact === 'string' && WORD.test(fact))
  return isHarmless ? fact : WITHHELD
}

function guarded(fact: Fact, mayBeEin: boolean, depth: number): Fact {
  if (typeof fact === 'string') return mayBeEin ? guardedIdentifier(fact) : guardedText(fact)
  if (typeof fact === 'number') return String(fact).length === 9 ? WITHHELD : fact
  if (typeof fact !== 'object' || fact === null) return fact
  if (depth === DEEPEST) return WITHHELD
  if (isList(fact)) return fact.map((one) => guarded(one, mayBeEin, depth + 1))
  return guardedObject(fact, depth + 1)
}

function isList(fact: readonly Fact[] | Facts): fact is readonly Fact[] {
  return Array.isArray(fact)
}

/** PostgreSQL stores no NUL and no half of a surrogate pair, and an entry must come back as it went in. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}
