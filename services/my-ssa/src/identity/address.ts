// A US mailing address, as letters go to it.

import type { Profile } from '@gatehouse/provider/accounts/account'
import type { Problem } from './details.ts'
import { isState } from './states.ts'

export type Address = Profile['address']

export interface AddressForm {
  street?: string
  city?: string
  state?: string
  zip?: string
}

const LONGEST = { street: 80, city: 40 } as const
/** No control characters and no halves of characters, which no printer has. */
const LINE = /^[^\p{Cc}\p{Cs}]+$/u

export function readMailingAddress(form: AddressForm): {
  address: Address
  problems: Problem<keyof AddressForm>[]
} {
  const text = (field: keyof AddressForm) => (form[field] ?? '').trim()
  const problems: Problem<keyof AddressForm>[] = []
  const line = (field: 'street' | 'city', name: string) => {
    const value = text(field)
    if (value === '') problems.push({ field, rule: `Enter the ${name} of your mailing address.` })
    else if (value.length > LONGEST[field]) {
      problems.push({ field, rule: `The ${name} may have up to ${LONGEST[field]} characters.` })
    } else if (!LINE.test(value)) problems.push({ field, rule: `Write the ${name} on one line.` })
  }
  line('street', 'street')
  line('city', 'city')
  const state = text('state').toUpperCase()
  if (!isState(state)) problems.push({ field: 'state', rule: 'Select a state or territory of the U.S.' })
  const zip = text('zip')
  if (!/^[0-9]{5}(-[0-9]{4})?$/.test(zip)) {
    problems.push({ field: 'zip', rule: 'Enter a ZIP Code of five digits, or of five and four.' })
  }
  return {
    address: { street: text('street'), locality: text('city'), region: state, postalCode: zip },
    problems,
  }
}
