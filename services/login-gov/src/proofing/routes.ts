// Proofing: document, face, Social Security number, phone and password, page by page (fact sheet 6.1 step 7, 6.3).

import type { App } from '@gatehouse/http/service'
import { type CompletionParts, createCompletion } from './completion.ts'
import { addCompletionRoutes, type CompletionRouteParts } from './completion-routes.ts'
import { addDocumentRoutes } from './document-routes.ts'
import { createProofingFlow, type ProofingFlowParts } from './flow.ts'
import { addInformationRoutes } from './information-routes.ts'
import { addPhoneRoutes, type PhoneRouteParts } from './phone-routes.ts'
import { addWelcomeRoutes } from './welcome-routes.ts'

export type ProofingRouteParts = Omit<
  ProofingFlowParts & CompletionParts & CompletionRouteParts & PhoneRouteParts,
  'flow' | 'completion'
>

export function addProofingRoutes(app: App, parts: ProofingRouteParts): void {
  const flow = createProofingFlow(parts)
  const completion = createCompletion(parts)
  addWelcomeRoutes(app, { ...parts, flow })
  addDocumentRoutes(app, { ...parts, flow })
  addInformationRoutes(app, { ...parts, flow })
  addPhoneRoutes(app, { ...parts, flow })
  addCompletionRoutes(app, { ...parts, flow, completion })
}
