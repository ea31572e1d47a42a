// Paths without language prefix, in the order in which a person goes through them.

export const PROOFING = '/verify'
export const WELCOME = '/verify/welcome'
export const DOCUMENT = '/verify/document_capture'
/** Only where a face match is asked for. */
export const SELFIE = '/verify/selfie'
export const SSN = '/verify/ssn'
export const INFORMATION = '/verify/verify_info'
export const PHONE = '/verify/phone'
export const PHONE_CODE = '/verify/phone_confirmation'
export const PASSWORD = '/verify/enter_password'
export const PERSONAL_KEY = '/verify/personal_key'

export const CANCEL = '/verify/cancel'
export const START_OVER = '/verify/session'
export const RESEND = '/verify/resend_otp'
/** What was given could not be verified; there are tries left. */
export const WARNING = '/verify/session/errors/warning'
/** There are none. */
export const FAILURE = '/verify/session/errors/failure'

/** Back to the relying service without an identity. */
export const FAILURE_TO_PROOF = '/redirect/return_to_sp/failure_to_proof'
