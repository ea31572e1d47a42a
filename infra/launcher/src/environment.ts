import { SERVICE_NAMES, type ServiceName, type ServiceUrls, urlVariable } from '@gatehouse/contracts/services'
import { forEachService, HOST, portsOf } from './addresses.ts'
import type { FirstStart } from './first-start.ts'

/** Login.gov counts by address too, and here everybody comes from one: what it would count off is out of reach. */
const LOGIN_GOV_LIMITS = { requestsPerAddress: 1_000_000, passwordPostsPerEmailAndAddress: 1_000_000 }

/** Environment variables by name. */
export type Environment = Record<string, string>

export interface SuiteSettings {
  dataDirectory: string
  urls: ServiceUrls
  firstStart: FirstStart
  /** Where log lines go, and from which level. */
  log: { file: string; level: string }
  /** One URL for every service, such as `sqlite::memory:`; default: a file for each under the data directory. */
  databaseUrl?: string | undefined
  /** What goes before everything else, for one service or another. */
  overrides?: Partial<Record<ServiceName, Environment>> | undefined
  /** The environment of this process. Of it, what names the real Twilio goes to `one-time-codes`, `IDENTITY_PROVIDERS` to `sign-in`. */
  inherited: Record<string, string | undefined>
}

/**
 * What each service finds in its environment: the same strings that it would be given when it runs by itself, in the
 * test profile.
 */
export function serviceEnvironments(settings: SuiteSettings): Record<ServiceName, Environment> {
  const { dataDirectory, urls, firstStart, log, databaseUrl, overrides = {} } = settings
  const ports = portsOf(urls)
  const common: Environment = {
    PROFILE: 'test',
    HOST,
    DATA_DIR: dataDirectory,
    LOG_LEVEL: log.level,
    LOG_FILE: log.file,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...Object.fromEntries(SERVICE_NAMES.map((name) => [urlVariable(name), urls[name]])),
  }
  const own: Partial<Record<ServiceName, Environment>> = {
    'sign-in': { PROVIDERS_FILE: firstStart.files.providers, ...offeredProviders(settings.inherited) },
    'login-gov': {
      PERSONAS_FILE: firstStart.files.personas,
      CLIENTS_FILE: firstStart.files.loginGovClients,
      LIMITS: JSON.stringify(LOGIN_GOV_LIMITS),
      // A browser holds a form to the origins its page names, on every redirect after it too.
      FORM_ACTION_ORIGINS: [urls['sign-in'], urls.bso, urls.admin, urls['ticket-portal']].join(' '),
    },
    'id-me': {
      PERSONAS_FILE: firstStart.files.personas,
      CLIENTS_FILE: firstStart.files.idMeClients,
      FORM_ACTION_ORIGINS: [urls['sign-in'], urls.bso, urls.admin, urls['ticket-portal']].join(' '),
    },
    'my-ssa': {
      PERSONAS_FILE: firstStart.files.personas,
      CLIENTS_FILE: firstStart.files.mySsaClients,
      FORM_ACTION_ORIGINS: [urls['sign-in'], urls.bso, urls.admin, urls['ticket-portal']].join(' '),
    },
    'ticket-portal': { PERSONAS_FILE: firstStart.files.personas },
    admin: { PERSONAS_FILE: firstStart.files.personas },
    'one-time-codes': { ...carrierVariables(firstStart), ...twilioVariables(settings.inherited) },
    'bso-user-ids': { PERSONAS_FILE: firstStart.files.personas },
    cbsv: { NUMIDENT_FILE: firstStart.files.numident },
    lab: { ...carrierVariables(firstStart), PERSONAS_FILE: firstStart.files.personas },
  }
  return forEachService((name) => ({
    ...common,
    PORT: String(ports[name]),
    ...own[name],
    ...overrides[name],
  }))
}

/** The account with the lab's carrier, the same for the carrier and for its customer. */
function carrierVariables({ carrierAccount }: FirstStart): Environment {
  return { LAB_ACCOUNT_SID: carrierAccount.accountSid, LAB_AUTH_TOKEN: carrierAccount.authToken }
}

/** Which providers the suite's own relying services offer: the username sign-in is in there, or not. */
function offeredProviders({ IDENTITY_PROVIDERS }: SuiteSettings['inherited']): Environment {
  return IDENTITY_PROVIDERS ? { IDENTITY_PROVIDERS } : {}
}

function twilioVariables(inherited: SuiteSettings['inherited']): Environment {
  if (!inherited.TWILIO_ACCOUNT_SID) return {}
  const given = Object.entries(inherited).filter(([name, value]) => name.startsWith('TWILIO_') && value)
  return Object.fromEntries(given) as Environment
}
