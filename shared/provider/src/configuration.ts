// What every mock provider is configured by, beside what every service is.

import { ConfigurationError } from '@gatehouse/http/configuration'
import { Type } from 'typebox'

export const PROVIDER_CONFIGURATION = {
  CLIENTS_FILE: Type.String({ description: 'the relying services: a JSON array, fields as in the README' }),
  PERSONAS_FILE: Type.Optional(
    Type.String({ description: 'people who get an account at start, unless they have one' }),
  ),
  LIMITS: Type.Optional(
    Type.String({ description: 'JSON: other numbers for names of the table in src/limits.ts' }),
  ),
  FORM_ACTION_ORIGINS: Type.Optional(
    Type.String({
      description: 'origins, space separated, to which a relying service may redirect on at once',
    }),
  ),
  OPERATOR_TOKEN: Type.Optional(
    Type.String({ minLength: 32, description: 'administers this mock; default: made under DATA_DIR' }),
  ),
}

/**
 * Whoever has the file of personas could sign in as any of them.
 *
 * @throws ConfigurationError outside the test profile
 */
export function forTestOnly({ PROFILE }: { PROFILE: string }): void {
  if (PROFILE !== 'test') throw new ConfigurationError('this mock runs where PROFILE is test only')
}

/**
 * The origins that `FORM_ACTION_ORIGINS` names.
 *
 * @throws ConfigurationError when one is none
 */
export function formActionOrigins({
  FORM_ACTION_ORIGINS: text = '',
}: {
  FORM_ACTION_ORIGINS?: string
}): string[] {
  const origins = text.split(/\s+/).filter(Boolean)
  if (!origins.every((origin) => URL.canParse(origin) && /^https?:/i.test(origin))) {
    throw new ConfigurationError('FORM_ACTION_ORIGINS must be http or https origins, separated by spaces')
  }
  return origins
}
