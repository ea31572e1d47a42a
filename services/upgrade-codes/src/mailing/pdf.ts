// A letter as a PDF: Letter paper, the address where the window of a standard envelope shows it, and tagged, so that a
// screen reader finds headings and steps (WCAG 2.1 §1.3.1, PDF 1.7 §14.8).

import { buffer } from 'node:stream/consumers'
import type { LetterBlock, LetterDelivery } from '@gatehouse/contracts/lab'
import type { PostalAddress } from '@gatehouse/contracts/upgrade-codes'
import PDFDocument from 'pdfkit'
import { longDate } from '../letters/eastern-date.ts'

export type Paper = Pick<LetterDelivery, 'from' | 'to' | 'subject' | 'printedOn' | 'blocks'>

/** Points, 72 to the inch. */
const INCH = 72
const MARGINS = { top: 0.75 * INCH, bottom: 0.75 * INCH, left: INCH, right: INCH }
const WIDTH = 8.5 * INCH - MARGINS.left - MARGINS.right
/** A sheet folded in three in a number 10 envelope shows 2.2 to 3.2 inches from its top. */
const WINDOW = 2.2 * INCH
const BELOW_WINDOW = 3.4 * INCH
/** How far the text of a step or list item stands in. */
const INDENT = 22

const REGULAR = 'Helvetica'
const BOLD = 'Helvetica-Bold'

// The standard fonts have the characters of Windows code page 1252 and no others.
const IN_FONT = new Set(new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, n) => n)))

// Letters that no decomposition takes apart.
const WITHOUT_STROKE: Record<string, string> = { Ł: 'L', ł: 'l', Đ: 'D', đ: 'd', Ħ: 'H', ħ: 'h', ı: 'i' }

/** A text as the font can show it: letters without the marks that it lacks, and `?` for what it has no letter for. */
function shown(text: string): string {
  const withoutMarks = (character: string) =>
    WITHOUT_STROKE[character] ?? character.normalize('NFD').replace(/\p{M}/gu, '')
  return Array.from(text.normalize('NFC'), (character) => {
    if (IN_FONT.has(character)) return character
    const plain = withoutMarks(character)
    return plain !== '' && [...plain].every((each) => IN_FONT.has(each)) ? plain : '?'
  }).join('')
}

/** An address as it is printed, line by line. */
function addressLines({ name, company, street, city, state, zipCode }: PostalAddress): string[] {
  return [name, ...(company ? [company] : []), street, `${city}, ${state} ${zipCode}`]
}

/**
 * @param printedAt milliseconds; the same letter printed at the same instant gives the same bytes
 */
export async function letterPdf(paper: Paper, printedAt: number): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'LETTER',
    margins: MARGINS,
    pdfVersion: '1.7',
    tagged: true,
    lang: 'en-US',
    displayTitle: true,
    info: {
      Title: shown(paper.subject),
      Author: shown(paper.from),
      Creator: 'Gatehouse',
      CreationDate: new Date(printedAt),
    },
  })
  const content = buffer(document)
  const root = document.struct('Document')
  document.addStructure(root)

  /** Writes a text at the left margin, or further in, as an element of its own. */
  function write(
    parent: typeof root,
    tag: string,
    text: string,
    { font = REGULAR, size = 11, indent = 0 } = {},
  ) {
    const x = MARGINS.left + indent
    document.font(font).fontSize(size)
    const element = document.struct(tag, {}, () =>
      document.text(shown(text), x, document.y, { width: WIDTH - indent, lineGap: 2 }),
    )
    parent.add(element)
  }

  /** Starts a new page unless this much is left of the present one. */
  function keepTogether(height: number) {
    if (document.y + height > document.page.height - MARGINS.bottom) document.addPage()
  }

  function items(texts: readonly string[], label: (n: number) => string) {
    const list = document.struct('L')
    root.add(list)
    for (const [n, text] of texts.entries()) {
      document.font(REGULAR).fontSize(11)
      keepTogether(document.heightOfString(shown(text), { width: WIDTH - INDENT, lineGap: 2 }))
      const item = document.struct('LI')
      list.add(item)
      const { y } = document
      write(item, 'Lbl', label(n), { indent: 4 })
      document.y = y
      write(item, 'LBody', text, { indent: INDENT })
      item.end()
      document.y += 4
    }
    list.end()
    document.y += 6
  }

  function block(each: LetterBlock) {
    if (each.kind === 'steps') return items(each.items, (n) => `${n + 1}.`)
    if (each.kind === 'list') return items(each.items, () => '•')
    if (each.kind === 'heading') {
      // A heading takes at least the beginning of its text along.
      keepTogether(60)
      document.y += 4
      write(root, 'H2', each.text, { font: BOLD, size: 12 })
      document.y += 4
      return
    }
    write(root, 'P', each.text)
    document.y += 8
  }

  write(root, 'P', paper.from, { font: BOLD, size: 14 })
  write(root, 'P', 'Test system, not a government office', { size: 9 })
  document.y += 8
  write(root, 'P', `Date: ${longDate(paper.printedOn)}`)
  document.y = WINDOW
  for (const line of addressLines(paper.to)) write(root, 'P', line)
  document.y = Math.max(document.y + 12, BELOW_WINDOW)
  write(root, 'H1', paper.subject, { font: BOLD, size: 16 })
  document.y += 10
  for (const each of paper.blocks) block(each)

  root.end()
  document.end()
  return content
}
