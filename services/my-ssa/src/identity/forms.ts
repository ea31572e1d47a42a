// The fields of a person as forms bring them. What is wrong in them is for the rules to say; here is only what could break
// something on the way there.

import { Type } from 'typebox'

/** One line as it was typed: PostgreSQL cannot hold control characters, and no rule needs longer ones. */
export const typedLine = (maxLength = 255) => Type.Optional(Type.String({ maxLength }))

export const DETAILS_FIELDS = {
  firstName: typedLine(),
  middleName: typedLine(),
  lastName: typedLine(),
  birthdate: typedLine(),
  ssn: typedLine(),
}

export const ADDRESS_FIELDS = {
  street: typedLine(),
  city: typedLine(),
  state: typedLine(),
  zip: typedLine(),
}
