type RefusalReason =
  | 'oversized'
  | 'malformed'
  | 'duplicate_member'
  | 'refused_header'
  | 'wrong_type'
  | 'wrong_algorithm'
  | 'no_key_id'
  | 'bad_claim'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'lifetime_too_long'
  | 'issued_in_the_future'
  | 'not_yet_valid'
  | 'expired'
  | 'unknown_key'
  | 'bad_signature'

/** Why a token was not accepted. `reason` is for the log; whoever sent the token only learns `invalid_token`. */
export class TokenRefusal extends Error {
  override name = 'TokenRefusal'
  readonly reason: RefusalReason

  constructor(reason: RefusalReason) {
    super(reason)
    this.reason = reason
  }
}
