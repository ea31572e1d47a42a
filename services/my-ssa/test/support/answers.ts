import type { Browser } from '@gatehouse/provider/for-tests/browser'

/**
 * All that somebody outside sees of the answer that came last: status, headers and every byte of the page, but for what is
 * of chance in each answer and `own`, which the person entered.
 */
export function seenFromOutside({ last }: Browser, own: string[] = []): string {
  const {
    date: _,
    'x-request-id': __,
    'set-cookie': cookies = [],
    'content-length': ___,
    ...headers
  } = last.headers
  const names = [cookies].flat().map((cookie) => cookie.split('=', 1)[0])
  let body = last.body.replace(/(name="_csrf" value=")[^"]*/g, '$1')
  for (const text of own) body = body.replaceAll(text, '…')
  return JSON.stringify([last.statusCode, headers, names, body])
}

/** The heading of a page. */
export function headingOf({ body }: { body: string }): string | undefined {
  return /<h1>([^<]*)<\/h1>/.exec(body)?.[1]
}
