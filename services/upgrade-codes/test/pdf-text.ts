import { inflateSync } from 'node:zlib'

const ANSI = new TextDecoder('windows-1252')

/** What is written on a PDF of this service, in the order of writing: it reads what pdfkit writes and no more. */
export function pdfText(pdf: Buffer): string {
  return contentStreams(pdf)
    .flatMap((content) => [...content.matchAll(/\[([^\]]*)\] TJ/g)].map(([, shown]) => line(shown!)))
    .join(' ')
    .replace(/\s+/g, ' ')
}

function line(shown: string): string {
  const hexadecimal = [...shown.matchAll(/<([0-9a-f]*)>/gi)].map(([, each]) => each).join('')
  return ANSI.decode(Buffer.from(hexadecimal, 'hex'))
}

function contentStreams(pdf: Buffer): string[] {
  const texts: string[] = []
  const before = '/Filter /FlateDecode\n>>\nstream\n'
  for (let at = pdf.indexOf(before); at >= 0; at = pdf.indexOf(before, at + 1)) {
    const start = at + before.length
    texts.push(inflateSync(pdf.subarray(start, pdf.indexOf('\nendstream', start))).toString('latin1'))
  }
  return texts
}
