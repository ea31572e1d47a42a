import { letterBoxOf } from '@gatehouse/contracts/lab'
import { html } from 'ghtml'
import type { Personas } from '../personas/personas.ts'
import { labPage, timeTag } from '../site.ts'
import { arrivalOf, type Letter, stateOf } from './letters.ts'
import type { LetterBox } from './store.ts'

const SCRIPTS = ['copy.js', 'live.js']

export const boxPath = (box: string) => `/post/${box}`
export const letterPath = ({ id }: Pick<Letter, 'id'>) => `/post/letters/${id}`

interface Resident {
  name: string
  /** Street and ZIP Code, as one line. */
  address: string
  box: string
}

/** Personas and companies, with the box of each. */
function residents({ all, companies }: Personas): Resident[] {
  const named = [
    ...all.map(({ firstName, lastName, address }) => ({ name: `${firstName} ${lastName}`, address })),
    ...companies,
  ]
  return named.map(({ name, address }) => ({
    name,
    address: `${address.street}, ${address.city}, ${address.state} ${address.zipCode}`,
    box: letterBoxOf(address),
  }))
}

/** What stands in an item of a feed, by where the letter is. Contents are shown of a letter in its box only. */
function whereabouts(letter: Letter): string {
  const state = stateOf(letter)
  if (state === 'returned') {
    return html`<p class="lab-quiet">Returned as undeliverable !${timeTag(letter.returnedAt ?? 0)}.</p>`
  }
  if (state === 'in-the-mail') {
    return html`<p class="lab-quiet">In the mail, arrives !${timeTag(arrivalOf(letter))}.</p>`
  }
  return codeLine(letter)
}

/** The code with its copy button, as phones have it. */
export function codeLine({ code }: Pick<Letter, 'code'>): string {
  return html`<p class="lab-digits"><span class="usa-sr-only">Code </span><strong>${code}</strong>
<button class="lab-copy" type="button" data-copy="${code}" aria-label="Copy the code ${code}">Copy</button></p>`
}

function letterItem(letter: Letter, linked: boolean): string {
  const { id, from, to, box } = letter
  const state = stateOf(letter)
  const heading = linked ? 'h3' : 'h2'
  const isThere = state === 'delivered'
  const recipient = linked ? html`<a href="${boxPath(box)}">${to.name}</a>` : html`${to.name}`
  // A letter that is replaced has another number.
  const version = `${letter.sequence} ${state} ${letter.deliverAt}`
  return html`<li class="lab-message" id="m-${id}" data-version="${version}"
 data-news="${isThere ? 'Letter' : 'News of a letter'} to ${to.name}">
<article aria-labelledby="s-${id}">
<p class="lab-message__head"><span class="lab-tag lab-tag--letter">Letter</span>
<span class="lab-message__when">!${isThere ? timeTag(arrivalOf(letter)) : ''}</span></p>
<!${heading} class="lab-message__subject" id="s-${id}"><a href="${letterPath(letter)}">${isThere ? letter.subject : 'A letter'}</a></!${heading}>
<p class="lab-message__who">To <strong>!${recipient}</strong> <span class="lab-quiet">from ${from}</span></p>
!${whereabouts(letter)}
</article></li>`
}

function feed(letters: Letter[], { box, empty }: { box?: string; empty: string }): string {
  const items = letters.map((letter) => letterItem(letter, box === undefined))
  const events = `/post/events${box === undefined ? '' : `?box=${box}`}`
  return html`<p class="lab-live" role="status" data-live-status><noscript><a href="">Reload</a> to see what is new.</noscript></p>
<ol class="lab-feed" data-live="${events}">!${items}</ol>
<p class="lab-empty">${empty}</p>`
}

function boxItem(box: string, address: string, note: string): string {
  return html`<li><a class="lab-phone" href="${boxPath(box)}"><span>${address}</span>
<span class="lab-quiet">${note}</span></a></li>`
}

/** All letter boxes: those of personas and companies, then others that got letters; under them the latest letters. */
export function boxesPage({
  letters,
  boxes,
  personas,
}: {
  letters: Letter[]
  boxes: LetterBox[]
  personas: Personas
}): string {
  const held = new Map(boxes.map((each) => [each.box, each.letters]))
  const count = (box: string) => {
    const number = held.get(box) ?? 0
    return number === 0 ? 'no letters' : number === 1 ? '1 letter' : `${number} letters`
  }
  const homes = new Map<string, Resident[]>()
  for (const each of residents(personas)) homes.set(each.box, [...(homes.get(each.box) ?? []), each])
  const items = [
    ...[...homes].map(([box, people]) =>
      boxItem(box, people.map(({ name }) => name).join(', '), `${people[0]?.address}: ${count(box)}`),
    ),
    ...boxes.filter(({ box }) => !homes.has(box)).map(({ box }) => boxItem(box, box, count(box))),
  ]
  return labPage({
    title: 'Post',
    place: '/post',
    scripts: SCRIPTS,
    main: html`<h1>Post</h1>
<p>Every letter on paper comes here and goes nowhere else, to any address: codes that are not sent by text or mail.</p>
!${items.length > 0 ? html`<ul class="lab-phones" aria-label="Letter boxes">!${items}</ul>` : ''}
<h2>Latest in all letter boxes</h2>
!${feed(letters, { empty: 'Nothing yet.' })}`,
  })
}

/** One letter box, newest letter first. */
export function boxPage({
  box,
  letters,
  personas,
}: {
  box: string
  letters: Letter[]
  personas: Personas
}): string {
  const home = residents(personas).filter((resident) => resident.box === box)
  const names = home.map(({ name }) => name).join(', ')
  const address = home[0]?.address ?? box
  return labPage({
    title: `Letter box ${address}`,
    place: '/post',
    scripts: SCRIPTS,
    main: html`<p class="lab-back"><a href="/post">All letter boxes</a></p>
<h1 class="lab-address">${address}</h1>
<p>${names ? `The letter box of ${names}.` : 'No persona has this address.'}</p>
!${feed(letters, { box, empty: 'Nothing yet in this letter box.' })}`,
  })
}
