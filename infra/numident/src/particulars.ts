// The particulars of one made-up person. Names are syllables put together, so that no list of people is needed,
// and they come in the shapes that CBSV has to cope with: short, long, and with spaces.

import { uniformInt } from 'pure-rand/distribution/uniformInt'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

const OPENINGS = [
  'b',
  'br',
  'c',
  'd',
  'dr',
  'f',
  'g',
  'h',
  'j',
  'k',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  'st',
  't',
  'v',
  'w',
]
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ai', 'ea', 'io']
const CLOSINGS = ['', '', '', 'l', 'm', 'n', 'r', 's', 't']
const FIRST_ENDINGS = ['a', 'an', 'el', 'en', 'ia', 'in', 'is', 'o', 'ra', 'y']
const LAST_ENDINGS = ['den', 'ford', 'ham', 'ler', 'lo', 'man', 'ner', 'res', 'son', 'ton', 'vic', 'well']
const PARTICLES = ['Da', 'De La', 'Del', 'La', 'Mac', 'Van', 'Van Der', 'Von']
const SUFFIXES = ['Jr', 'Jr', 'Jr', 'Sr', 'II', 'III', 'III', 'IV']

// CBSV takes 10 letters of a first, 7 of a middle and 13 of a last name; people have longer ones.
const FIRST_LENGTH = 10
const MIDDLE_LENGTH = 7
const LAST_LENGTH = 13

/** Letters and at most one space. About one in 200 is longer than the ten characters CBSV takes. */
export function firstName(random: RandomGenerator): string {
  const name = withinLength(
    syllables(random, uniformInt(random, 1, 2)) + pick(random, FIRST_ENDINGS),
    FIRST_LENGTH,
  )
  if (oneIn(random, 200)) return `${capitalised(name)} ${capitalised(syllables(random, 4))}`
  if (oneIn(random, 40)) return `${capitalised(name.slice(0, 4))} ${capitalised(syllables(random, 1))}`
  return capitalised(name)
}

/** Empty for one in five, an initial for one in three, otherwise a name. */
export function middleName(random: RandomGenerator): string {
  if (oneIn(random, 5)) return ''
  const name = capitalised(syllables(random, 1) + pick(random, FIRST_ENDINGS))
  if (oneIn(random, 3)) return name.slice(0, 1)
  return oneIn(random, 200) ? name + syllables(random, 4) : withinLength(name, MIDDLE_LENGTH)
}

/** Letters and spaces. About one in 100 is longer than the thirteen characters CBSV takes. */
export function lastName(random: RandomGenerator): string {
  const name = syllables(random, uniformInt(random, 1, 2)) + pick(random, LAST_ENDINGS)
  if (oneIn(random, 100))
    return `${capitalised(name)} ${capitalised(syllables(random, 3))}${pick(random, LAST_ENDINGS)}`
  if (oneIn(random, 25)) return withinLength(`${pick(random, PARTICLES)} ${capitalised(name)}`, LAST_LENGTH)
  return withinLength(capitalised(name), LAST_LENGTH)
}

/** Empty for all but about one in forty. */
export function suffix(random: RandomGenerator): string {
  return oneIn(random, 40) ? pick(random, SUFFIXES) : ''
}

/** A day that exists, from 1 January 1900 to 31 December 2010, as MMDDYYYY. */
export function birthDate(random: RandomGenerator): string {
  const year = uniformInt(random, 1900, 2010)
  const month = uniformInt(random, 1, 12)
  const day = uniformInt(random, 1, new Date(Date.UTC(year, month, 0)).getUTCDate())
  return `${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}${year}`
}

function syllables(random: RandomGenerator, count: number): string {
  let name = ''
  for (let made = 0; made < count; made++) {
    name += pick(random, OPENINGS) + pick(random, VOWELS) + pick(random, CLOSINGS)
  }
  return name
}

function withinLength(name: string, length: number): string {
  return name.slice(0, length).trimEnd()
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function oneIn(random: RandomGenerator, chances: number): boolean {
  return uniformInt(random, 1, chances) === 1
}

function pick(random: RandomGenerator, choices: readonly string[]): string {
  return choices[uniformInt(random, 0, choices.length - 1)] as string
}
