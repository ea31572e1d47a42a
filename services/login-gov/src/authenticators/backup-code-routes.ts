import type { App } from '@gatehouse/http/service'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import type { Show } from '../browser/frame.ts'
import { newSecretsPage } from '../second-factor/look-up-secret-pages.ts'
import { GROUPS } from '../second-factor/look-up-secret-routes.ts'
import { backupCodePage } from './backup-code-pages.ts'
import { SET_UP_PATHS } from './choice.ts'
import type { SetUp } from './set-up.ts'

export interface BackupCodeParts {
  setUp: SetUp
  lookUpSecrets: LookUpSecrets
  show: Show
  /** How many backup codes a set has. */
  backupCodes: number
}

export function addBackupCodeRoutes(
  app: App,
  { setUp, lookUpSecrets, show, backupCodes }: BackupCodeParts,
): void {
  const place = SET_UP_PATHS.backup_code

  app.get(place, { onRequest: setUp.guards }, async (request, reply) => {
    const { id } = await setUp.accountOf(request)
    const replaces = (await lookUpSecrets.left(id, 'backup_code')) > 0
    const page = backupCodePage(await setUp.frame(request, reply), { count: backupCodes, replaces })
    return show(request, reply, page)
  })

  app.post(place, { onRequest: setUp.guards }, async (request, reply) => {
    const { id } = await setUp.accountOf(request)
    const options = { count: backupCodes, groups: GROUPS.backup_code }
    const secrets = await lookUpSecrets.issue(id, 'backup_code', options)
    const continueAt = await setUp.added(request, reply, 'backup_code', 'backup_code')
    const { lang } = request.visit.language
    const page = newSecretsPage({ lang, kind: 'backup_code', secrets, continueAt, wasUsedUp: false })
    return show(request, reply, page)
  })
}
