/**
 * A name as it is kept and compared: without case, accents, spaces, hyphens, apostrophes or any other sign.
 * `O’Brien-Núñez` becomes `OBRIENNUNEZ`. What has no letter or digit becomes an empty text.
 */
export function foldName(name: string): string {
  // Modifier letters (Lm) are how some keyboards write an apostrophe.
  return name
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]|\p{Lm}/gu, '')
}

interface FoldedName {
  firstName: string
  lastName: string
}

/**
 * Whether two folded names are of one person: equal last names, and equal first names or, where either of them is only
 * an initial, that initial. How Social Security compares them is not public. [assumed]
 */
export function namesMatch(one: FoldedName, other: FoldedName): boolean {
  if (one.lastName === '' || one.firstName === '' || other.firstName === '') return false
  if (one.lastName !== other.lastName) return false
  if (one.firstName === other.firstName) return true
  const [first, second] = [[...one.firstName], [...other.firstName]]
  return first[0] === second[0] && (first.length === 1 || second.length === 1)
}
