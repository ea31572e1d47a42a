import { type Static, Type } from 'typebox'
import { Nothing, type ServiceCalls } from './calls.ts'
import { PostalAddress } from './upgrade-codes.ts'

/** One line as people read it: no control characters, which PostgreSQL and a heading cannot hold. */
const line = (maxLength: number, description?: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f]*$',
    ...(description ? { description } : {}),
  })

/** Anything with one `@` and no white space: which addresses a provider takes is the provider's rule. */
export const EmailAddress = Type.String({
  minLength: 3,
  maxLength: 255,
  pattern: '^[^\\s@\\u0000-\\u001f\\u007f]+@[^\\s@\\u0000-\\u001f\\u007f]+$',
  description: 'one e-mail address, in upper or lower case',
})

/** A letter by e-mail, as a provider sends it. */
export const MailRequest = Type.Object(
  {
    from: line(80, 'who it says it comes from'),
    to: EmailAddress,
    subject: line(200),
    text: Type.String({
      minLength: 1,
      maxLength: 10_000,
      pattern: '^[^\\u0000]*$',
      description: 'plain text; a link is a line of its own',
    }),
  },
  { additionalProperties: false },
)
export type MailRequest = Static<typeof MailRequest>
export const MailAccepted = Type.Object({ messageId: Type.String() })

/** Sends mail to the lab's mail tray. */
export function labMail(calls: ServiceCalls) {
  return {
    send: (body: MailRequest) =>
      calls.call('lab', {
        scope: 'mail.write',
        method: 'POST',
        path: '/mail',
        body,
        response: MailAccepted,
      }),
  }
}
export type Mail = ReturnType<typeof labMail>

/** A question that a person answers on the phone, in the provider's own app. */
export const ApprovalRequest = Type.Object(
  {
    phoneNumber: Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$', description: 'E.164' }),
    from: line(40, 'whose app asks'),
    question: line(200),
    expiresAt: Type.Integer({
      minimum: 0,
      maximum: 8.64e15,
      description: 'milliseconds; nobody can answer from then on',
    }),
  },
  { additionalProperties: false },
)
export type ApprovalRequest = Static<typeof ApprovalRequest>
export const ApprovalState = Type.Union([
  Type.Literal('pending'),
  Type.Literal('approved'),
  Type.Literal('denied'),
  Type.Literal('expired'),
])
export type ApprovalState = Static<typeof ApprovalState>
export const Approval = Type.Object({ approvalId: Type.String(), state: ApprovalState })

/**
 * Asks for an approval on a phone of the lab, and looks whether it came. Refusals: `no_such_phone` (422) for a number
 * that is none of the lab's, `not_found` (404) for an unknown approval.
 */
export function labApprovals(calls: ServiceCalls) {
  const scope = 'approvals.write'
  return {
    ask: (body: ApprovalRequest) =>
      calls.call('lab', { scope, method: 'POST', path: '/approvals', body, response: Approval }),
    find: (approvalId: string) =>
      calls.call('lab', {
        scope,
        method: 'GET',
        path: `/approvals/${encodeURIComponent(approvalId)}`,
        response: Approval,
      }),
  }
}
export type Approvals = ReturnType<typeof labApprovals>

/** A piece of a letter, in the order in which it is printed. */
export const LetterBlock = Type.Union([
  Type.Object({ kind: Type.Literal('heading'), text: line(200) }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('paragraph'), text: line(2_000) }, { additionalProperties: false }),
  Type.Object(
    { kind: Type.Literal('steps'), items: Type.Array(line(1_000), { minItems: 1, maxItems: 20 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('list'), items: Type.Array(line(1_000), { minItems: 1, maxItems: 20 }) },
    { additionalProperties: false },
  ),
])
export type LetterBlock = Static<typeof LetterBlock>

/** A letter on paper, as it is handed to the mail. */
export const LetterDelivery = Type.Object(
  {
    from: line(80, 'who it comes from'),
    to: PostalAddress,
    subject: line(200),
    printedOn: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
    blocks: Type.Array(LetterBlock, { minItems: 1, maxItems: 60 }),
    code: Type.String({
      minLength: 4,
      maxLength: 64,
      pattern: '^[^\\u0000-\\u001f\\u007f]*$',
      description: 'the secret in it, for tests that read it',
    }),
    // The first seven characters are `%PDF-` and the first digit of its version.
    pdf: Type.String({
      maxLength: 700_000,
      pattern: '^JVBERi0[A-Za-z0-9+/]+={0,2}$',
      description: 'the letter as a PDF, base64',
    }),
    deliverAt: Type.Integer({
      minimum: 0,
      maximum: 8.64e15,
      description: 'milliseconds; not in the box before',
    }),
  },
  { additionalProperties: false },
)
export type LetterDelivery = Static<typeof LetterDelivery>

/** Any address has a letter box: its street in lower case with hyphens, and the five digits of its ZIP Code. */
export const LetterBoxKey = Type.String({
  maxLength: 86,
  pattern: '^([a-z0-9]+-)*[0-9]{5}$',
  description: 'a letter box, such as 700-example-street-21235',
})

/** The letter box of an address, as `LetterBoxKey` has it. Whoever lives there, it is one box. */
export function letterBoxOf({ street, zipCode }: Pick<PostalAddress, 'street' | 'zipCode'>): string {
  const words =
    street
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? []
  const slug = words.join('-').slice(0, 80).replace(/-$/, '')
  return [slug, zipCode.slice(0, 5)].filter(Boolean).join('-')
}

/** Hands letters to the lab's post. */
export function labPost(calls: ServiceCalls) {
  return {
    /** A letter with the same id replaces what was handed in before; the same letter twice is one. */
    deliver: (letterId: string, body: LetterDelivery) =>
      calls.call('lab', {
        scope: 'letters.write',
        method: 'PUT',
        path: `/post/letters/${encodeURIComponent(letterId)}`,
        body,
        response: Nothing,
      }),
  }
}
export type Post = ReturnType<typeof labPost>
