import { Type } from 'typebox'

/** Who orders something at the console, and why: what every change that an administrator makes carries with it. */
export const orderedBy = {
  by: Type.String({ minLength: 1, maxLength: 128, description: 'the administrator' }),
  reason: Type.String({ minLength: 1, maxLength: 1000, pattern: '\\S' }),
}

export const Order = Type.Object(orderedBy, { additionalProperties: false })
