// one-time-codes with its policy for Login.gov.

import { FakeOneTimeCodes } from '@gatehouse/provider/for-tests/fake-one-time-codes'

export function fakeOneTimeCodes(): FakeOneTimeCodes {
  return new FakeOneTimeCodes({ coolDownMs: 10_000, mostTries: 10, lockMs: 600_000 })
}
