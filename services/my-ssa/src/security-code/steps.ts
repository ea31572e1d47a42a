// What the steps of extra security share, made of what the service has.

import type { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import { createOneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { MySsaDestinations } from '../browser/destination.ts'
import type { Frame } from '../browser/frame.ts'
import type { ExtraSecurity, ExtraSecurityParts } from '../extra-security/extra-security.ts'
import { type ChangeNotices, createChangeNotices, type NoticeParts } from '../extra-security/notices.ts'
import { createPhoneResets, type PhoneResets } from '../lost-phone/phone-resets.ts'
import { SITE } from '../site.ts'
import { type Completion, createCompletion } from './completion.ts'
import { createTexts, type Texts } from './texts.ts'

export interface StepParts extends ExtraSecurityParts, NoticeParts {
  visits: Visits
  frame: Frame
  destinations: MySsaDestinations
  extraSecurity: ExtraSecurity
  codes: ReturnType<typeof oneTimeCodes>
  keyValue: KeyValue
  limits: { passwordTries: number; passwordBlockMs: number }
}

export interface Steps extends StepParts {
  texts: Texts
  completion: Completion
  phoneResets: PhoneResets
  changes: ChangeNotices
}

export function createSteps(parts: StepParts): Steps {
  const oneTimeCode = createOneTimeCodeStep({
    codes: parts.codes,
    sender: SITE.name,
    origin: new URL(parts.publicUrl).hostname,
    // facts ssa-sign-in §3
    length: 8,
  })
  return {
    ...parts,
    texts: createTexts({ ...parts, oneTimeCode }),
    completion: createCompletion(parts),
    phoneResets: createPhoneResets(parts),
    changes: createChangeNotices(parts),
  }
}
