import type { LetterBlock } from '@gatehouse/contracts/lab'
import { alert, form, submitButton } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { longDate } from '../calendar-day.ts'
import { textParts } from '../mail/mails.ts'
import { labPage, timeTag } from '../site.ts'
import { addressLines, arrivalOf, type Letter, stateOf } from './letters.ts'
import { boxPath, codeLine, letterPath } from './pages.ts'

/** A text with its web addresses as links and the code in bold. */
function printed(text: string, code: string): string {
  const bold = html`<strong class="lab-letter__code">${code}</strong>`
  const plain = (part: string) => part.split(code).map((piece) => html`${piece}`)
  return textParts(text)
    .map((part) => (part.href ? html`<a href="${part.href}">${part.text}</a>` : plain(part.text).join(bold)))
    .join('')
}

function blockOf(block: LetterBlock, code: string): string {
  if (block.kind === 'heading') return html`<h2 class="lab-letter__heading">${block.text}</h2>`
  if (block.kind === 'paragraph') return html`<p>!${printed(block.text, code)}</p>`
  const items = block.items.map((item) => html`<li>!${printed(item, code)}</li>`)
  return block.kind === 'steps' ? html`<ol>!${items}</ol>` : html`<ul>!${items}</ul>`
}

const lines = (texts: string[]) => texts.map((text) => html`<span>${text}</span>`).join('<br>')

function paper({ from, to, printedOn, subject, blocks, code }: Letter): string {
  return html`<article class="lab-letter">
<p class="lab-letter__from">${from}</p>
<p class="lab-letter__date">Date: <time datetime="${printedOn}">${longDate(printedOn)}</time></p>
<address class="lab-letter__to">!${lines(addressLines(to))}</address>
<h1 class="lab-letter__subject">${subject}</h1>
!${blocks.map((block) => blockOf(block, code)).join('\n')}
</article>`
}

interface LetterPage {
  letter: Letter
  csrf: string
  /** Why it could not be returned. */
  error?: string
}

function returnForm({ letter, csrf }: LetterPage): string {
  return form({
    action: `${letterPath(letter)}/return`,
    csrf,
    width: 'full',
    body: submitButton('Return as undeliverable', { variant: 'outline' }),
  })
}

/** One letter: what it says while it is in its box, and otherwise where it is. What is around it does not print. */
export function letterPage(page: LetterPage): string {
  const { letter, error } = page
  const state = stateOf(letter)
  const trouble =
    error === undefined ? '' : alert({ kind: 'error', heading: 'It was not returned', body: error })
  const back = html`<p class="lab-back"><a href="${boxPath(letter.box)}">Letter box of ${letter.to.name}</a></p>`
  const tools = html`<div class="lab-tools">!${trouble}!${back}`
  const main = {
    delivered: () => html`!${tools}
<p class="lab-quiet">Came !${timeTag(arrivalOf(letter))}. It prints without what is around it.</p>
!${codeLine(letter)}
<p><a href="${letterPath(letter)}.pdf">This letter as a PDF</a></p>
!${returnForm(page)}</div>
!${paper(letter)}`,
    'in-the-mail': () => html`!${tools}<h1>In the mail</h1>
<p>A letter from ${letter.from} to ${letter.to.name}. It arrives !${timeTag(arrivalOf(letter))}, by the
<a href="/clock">clock of this system</a>; what it says can be read then.</p>
!${returnForm(page)}</div>`,
    returned: () => html`!${tools}<h1>Returned as undeliverable</h1>
<p>A letter from ${letter.from} to ${letter.to.name} went back !${timeTag(letter.returnedAt ?? 0)}. Its code opens nothing any
more.</p></div>`,
  }
  return labPage({
    title: state === 'delivered' ? letter.subject : state === 'returned' ? 'Returned letter' : 'In the mail',
    place: '/post',
    error: error !== undefined,
    styles: ['letter.css'],
    scripts: ['copy.js'],
    main: main[state](),
  })
}
