// All pages of extra security but the text at each sign-in.

import type { App } from '@gatehouse/http/service'
import { createSteps, type StepParts } from '../security-code/steps.ts'
import { addChoice } from './choice-routes.ts'
import { createEnrolmentSteps } from './enrolment.ts'
import { addNeeded } from './needed-routes.ts'
import { addPhoneChange } from './phone-change-routes.ts'
import { addPhone } from './phone-routes.ts'
import { addSettings } from './settings-routes.ts'
import { addUpgrade } from './upgrade-routes.ts'

export function addExtraSecurityRoutes(app: App, parts: StepParts): void {
  const steps = createEnrolmentSteps(createSteps(parts))
  addChoice(app, steps)
  addPhone(app, steps)
  addUpgrade(app, steps)
  addNeeded(app, steps)
  addSettings(app, steps)
  addPhoneChange(app, steps)
}
