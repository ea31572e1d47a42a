import { upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { defineService } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { createActivations } from './activations/activations.ts'
import { addActivationRoutes } from './activations/routes.ts'
import { sqlActivationStore } from './activations/store.ts'
import { createAssociations } from './associations/associations.ts'
import { addAssociationRoutes } from './associations/routes.ts'
import { sqlAssociationStore } from './associations/store.ts'
import { auditedDisablements } from './disablements/audited.ts'
import { createDisablements } from './disablements/disablements.ts'
import { sqlDisablementStore } from './disablements/store.ts'
import { migrations } from './migrations.ts'
import { readPersonas } from './personas/personas-file.ts'
import { registerPersonas } from './personas/registration.ts'
import { sqlRegistryStore } from './personas/store.ts'
import { createRegister } from './register/register.ts'
import { addRegisterRoutes } from './register/routes.ts'
import { sqlRegisterStore } from './register/store.ts'
import { addUserIdRoutes } from './user-ids/routes.ts'
import { sqlUserIdStore } from './user-ids/store.ts'
import { createUserIds } from './user-ids/user-ids.ts'

export const service = defineService({
  name: 'bso-user-ids',
  summary: 'BSO User IDs, the companies they are for, and the accounts they are linked to',
  configuration: Type.Object({
    PERSONAS_FILE: Type.Optional(
      Type.String({ description: 'test profile only: the companies and User IDs to begin with' }),
    ),
  }),
  migrations,
  refusals: {
    user_id_not_linked: { status: 404, title: 'This User ID and EIN are not linked to the account' },
    company_unknown: { status: 422, title: 'No company with this EIN is registered' },
    company_disabled: { status: 409, title: 'No User ID is issued for this company at present' },
    end_not_ahead: { status: 422, title: 'The end of it is over already' },
    user_id_exists: { status: 409, title: 'The account already has a User ID for this EIN' },
    person_unknown: { status: 409, title: 'Nobody has been associated with the account' },
    account_conflict: { status: 409, title: 'The account belongs to another person' },
    credential_conflict: { status: 409, title: 'The credential belongs to another account' },
    user_id_unknown: { status: 404, title: 'No active User ID of this name for this employer' },
    service_active: { status: 409, title: 'The service is active already' },
    service_pending: { status: 409, title: 'The service was requested already' },
    nothing_requested: { status: 409, title: 'The service was not requested' },
    company_address_missing: { status: 422, title: 'The employer has no address to mail a letter to' },
    code_not_accepted: { status: 409, title: 'The activation code was not accepted' },
    locked_out: { status: 429, title: 'Too many wrong codes' },
    too_many_letters: { status: 429, title: 'Too many letters' },
  },
  async build(app, { configuration, database, secrets, calls, audit }) {
    const ssnDigest = (ssn: string) => secrets.digest('ssn of a holder', ssn)
    if (configuration.PERSONAS_FILE) {
      if (configuration.PROFILE !== 'test')
        throw new ConfigurationError('PERSONAS_FILE is for the test profile only')
      await registerPersonas(readPersonas(configuration.PERSONAS_FILE), sqlRegistryStore(database), ssnDigest)
    }
    const userIds = createUserIds(sqlUserIdStore(database))
    const associations = createAssociations(sqlAssociationStore(database), ssnDigest)
    addAssociationRoutes(app, { associations, userIds, audit })
    addUserIdRoutes(app, userIds, audit)
    const activations = createActivations(sqlActivationStore(database), upgradeCodes(calls))
    addActivationRoutes(app, activations, audit)
    const disablements = createDisablements(sqlDisablementStore(database))
    addRegisterRoutes(
      app,
      createRegister(sqlRegisterStore(database)),
      auditedDisablements(disablements, audit),
    )
  },
})
