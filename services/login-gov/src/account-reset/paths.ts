// Paths without language prefix.

/** Where somebody lands who signs in while the account waits to be deleted. */
export const PENDING = '/account_reset/pending'
/** Where somebody starts who has lost every second factor. */
export const RECOVERY_OPTIONS = '/account_reset/recovery_options'
/** In the second letter. */
export const DELETION = '/account_reset/delete_account'
/** In the first letter. */
export const CANCEL = '/account_reset/cancel'
