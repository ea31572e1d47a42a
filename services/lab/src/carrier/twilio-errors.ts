// Twilio's error answers: `{code, message, more_info, status}`. Codes and their meaning are those of its public list
// (https://www.twilio.com/docs/api/errors). Unlike Twilio's, the messages here never repeat what was sent.

/** Status and message by Twilio's code. */
const ERRORS = {
  20001: { status: 400, message: 'A parameter was given more than once' },
  20003: { status: 401, message: 'Authenticate' },
  20004: { status: 405, message: 'Method not allowed' },
  20404: { status: 404, message: 'The requested resource was not found' },
  20413: { status: 413, message: 'The request is too large' },
  20415: { status: 415, message: 'The content type must be application/x-www-form-urlencoded' },
  20500: { status: 500, message: 'Internal server error' },
  20503: { status: 503, message: 'Service unavailable' },
  21201: { status: 400, message: "No 'To' number is specified" },
  21205: { status: 400, message: "The 'Url' parameter is missing or is not a valid URL" },
  21210: { status: 400, message: "The 'From' phone number is not verified for this account" },
  21211: { status: 400, message: "Invalid 'To' Phone Number" },
  21212: { status: 400, message: "Invalid 'From' Number" },
  21213: { status: 400, message: "A 'From' phone number is required" },
  21502: { status: 400, message: 'The callback URL is not valid' },
  21602: { status: 400, message: 'Message body is required' },
  21603: { status: 400, message: "A 'From' phone number is required to send a Message" },
  21604: { status: 400, message: "A 'To' phone number is required to send a Message" },
  21606: {
    status: 400,
    message: "The 'From' phone number is not a valid, message-capable number of this account",
  },
  21609: { status: 400, message: "The 'StatusCallback' URL is not a valid URL" },
  21610: { status: 400, message: 'Attempt to send to unsubscribed recipient' },
  21614: { status: 400, message: "The 'To' number is not a valid mobile number" },
  21617: { status: 400, message: 'The concatenated message body exceeds the 1600 character limit' },
  21626: {
    status: 400,
    message: 'The StatusCallbackEvent is not one of initiated, ringing, answered, completed',
  },
} as const

export type TwilioErrorCode = keyof typeof ERRORS

export class TwilioError extends Error {
  readonly code: TwilioErrorCode
  readonly status: number

  constructor(code: TwilioErrorCode) {
    super(ERRORS[code].message)
    this.code = code
    this.status = ERRORS[code].status
  }
}

export function errorBody({ code, message, status }: TwilioError) {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }
}

const FASTIFY_STATUSES: Record<number, TwilioErrorCode> = { 404: 20404, 405: 20004, 413: 20413, 415: 20415 }

/** What went wrong, in Twilio's terms. */
export function asTwilioError(error: Error & { statusCode?: number }): TwilioError {
  if (error instanceof TwilioError) return error
  return new TwilioError(FASTIFY_STATUSES[error.statusCode ?? 500] ?? 20500)
}
