import { readFileSync } from 'node:fs'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { clientAuthentication } from './client-authentication.ts'
import { CLIENT_AUTHENTICATION, IdentityProvider } from './providers.ts'
import { decryptionKey } from './userinfo.ts'

/** What this service says itself in every request. A row that said it too would undo a check of the answer. */
const OWN_PARAMETERS = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'acr_values',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
]

/**
 * Reads the providers, and tries the files that they name.
 *
 * @param file JSON: an array of rows
 * @param options.allowHttp plain http issuers, for the test profile
 * @throws ConfigurationError naming the row, the field and the rule
 */
export async function readProviders(
  file: string,
  options: { allowHttp: boolean },
): Promise<IdentityProvider[]> {
  let rows: unknown
  try {
    rows = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw unusable(['it must name a readable JSON file'])
  }
  if (!Array.isArray(rows) || rows.length === 0) throw unusable(['it must hold an array with a row or more'])
  const checked = await Promise.all(rows.map((row, index) => readRow(row, index, options)))
  const problems = checked.flatMap((one) => one.problems)
  const providers = checked.flatMap(({ provider }) => provider ?? [])
  if (new Set(providers.map(({ id }) => id)).size < providers.length) problems.push('every id may occur once')
  if (problems.length > 0) throw unusable(problems)
  return providers
}

const unusable = (problems: string[]) => new ConfigurationError(`PROVIDERS_FILE: ${problems.join('; ')}`)

async function readRow(
  given: unknown,
  index: number,
  options: { allowHttp: boolean },
): Promise<{ provider?: IdentityProvider; problems: string[] }> {
  const row = Value.Default(IdentityProvider, structuredClone(given))
  const { id } = (typeof row === 'object' ? (row ?? {}) : {}) as { id?: unknown }
  const place = typeof id === 'string' && id !== '' ? id : `row ${index + 1}`
  const named = (problem: string) => `${place}: ${problem}`
  if (!Value.Check(IdentityProvider, row)) return { problems: schemaProblems(row).map(named) }
  const broken = brokenRules(row, options)
  // Only a row that makes sense says which files to try.
  const problems = broken.length > 0 ? broken : await unusableFiles(row)
  return problems.length > 0 ? { problems: problems.map(named) } : { provider: row, problems }
}

/** Names each field and its rule, and of the ways to authenticate only the one that is meant. */
function schemaProblems(row: unknown): string[] {
  const method = (row as { authentication?: { method?: string } } | null)?.authentication?.method
  const meant = Object.entries(CLIENT_AUTHENTICATION).find(([name]) => name === method)?.[1]
  const authentication: TSchema =
    meant ??
    Type.Object({
      method: Type.Union(Object.keys(CLIENT_AUTHENTICATION).map((name) => Type.Literal(name))),
    })
  const schema = Type.Object(
    { ...IdentityProvider.properties, authentication },
    { additionalProperties: false },
  )
  return [
    ...new Set(
      Value.Errors(schema, row).map(({ instancePath, message, params }) => {
        const { requiredProperties, additionalProperties } = params as Record<string, string[] | undefined>
        const path = instancePath.slice(1).replaceAll('/', '.')
        const inside = (names: string[]) => names.map((name) => (path ? `${path}.${name}` : name)).join(', ')
        if (requiredProperties) return `${inside(requiredProperties)} must be given`
        if (additionalProperties) return `${inside(additionalProperties)} is not a known field`
        return path ? `${path} ${message}` : 'it must be an object'
      }),
    ),
  ]
}

function brokenRules(row: IdentityProvider, { allowHttp }: { allowHttp: boolean }): string[] {
  const problems: string[] = []
  if (!URL.canParse(row.issuer)) problems.push('issuer must be a URL')
  else if (!allowHttp && row.issuer.startsWith('http:')) {
    problems.push('issuer must begin with https: in the live profile')
  }
  if (!row.scope.split(' ').includes('openid')) problems.push('scope must have openid')
  for (const [field, parameters = {}] of [
    ['parameters', row.parameters],
    ['signUp.parameters', row.signUp?.parameters],
  ] as const) {
    const own = Object.keys(parameters).filter((name) => OWN_PARAMETERS.includes(name))
    if (own.length > 0) problems.push(`${field} must not have ${own.join(', ')}`)
  }
  const { format, alg, decryptionKeyFile } = row.userinfo ?? {}
  if (format !== 'jwt' && (alg ?? decryptionKeyFile) !== undefined) {
    problems.push('userinfo.alg and userinfo.decryptionKeyFile go with the format jwt')
  }
  const made = row.assurance?.map(({ acr }) => acr)
  const reachable = (level: string) => made === undefined || made.includes(level)
  if (row.acceptedAcr && !row.acceptedAcr.some(reachable)) {
    problems.push('acceptedAcr has no level that a rule of assurance makes')
  }
  const isGoodEnough = (level: string) => reachable(level) && row.acceptedAcr?.includes(level) !== false
  const byMethods = new Set(row.methods?.map(({ level }) => level))
  const isRequestable = (level: string) => byMethods.has(level) || isGoodEnough(level)
  if (row.requestableAcr && !row.requestableAcr.every(isRequestable)) {
    problems.push('requestableAcr may hold no level that acceptedAcr or assurance leaves out')
  }
  return problems
}

/** A key or secret that cannot be used shows at the start, and not when the first person comes back. */
async function unusableFiles(row: IdentityProvider): Promise<string[]> {
  const attempts = await Promise.allSettled([clientAuthentication(row), decryptionKey(row)])
  return attempts.flatMap((attempt) => {
    if (attempt.status === 'fulfilled') return []
    if (attempt.reason instanceof ConfigurationError) return attempt.reason.message
    throw attempt.reason
  })
}
