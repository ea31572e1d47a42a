// What a new password must be (NIST SP 800-63B-4 §3.1.1.2): long enough, and none that an attacker tries early. No
// rules of composition.

import type { ZxcvbnFactory } from '@zxcvbn-ts/core'

export type PasswordProblem = 'too_short' | 'too_long' | 'too_weak'

/** Characters; the source asks for 64 at least. */
const LONGEST = 128
/** Of zxcvbn's scores 0 to 4: from here on it takes more than 10^8 guesses. */
const LEAST_SCORE = 3

/** The estimate may take long for long texts; what follows these can only make a password stronger. */
const JUDGED = 64

// Loaded when the first password is chosen: the list of common passwords takes 45 MB. The dictionary of English would
// take 80 MB more, and keep everybody waiting for a second.
let estimator: Promise<ZxcvbnFactory> | undefined

/**
 * @param rules `shortest` in characters (code points); `words` an attacker would think of here, such as the name and
 *   e-mail address of the person and the name of the site
 * @returns what is wrong with it, if anything
 */
export async function passwordProblem(
  password: string,
  rules: { shortest: number; words: string[] },
): Promise<PasswordProblem | undefined> {
  const characters = [...password.normalize('NFC')]
  if (characters.length < rules.shortest) return 'too_short'
  if (characters.length > LONGEST) return 'too_long'
  estimator ??= load()
  const judged = characters.slice(0, JUDGED).join('')
  const { score } = (await estimator).check(judged, rules.words.flatMap(partsOf))
  return score < LEAST_SCORE ? 'too_weak' : undefined
}

/** An address or a full name is guessed by its parts too, and run together. */
function partsOf(word: string): string[] {
  const parts = word.split(/[^\p{L}\p{N}]+/u)
  return [word, parts.join(''), ...parts].filter((part) => part.length > 1)
}

async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
}
