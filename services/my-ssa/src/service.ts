import { defineService } from '@gatehouse/http/service'
import { errorPage } from '@gatehouse/pages/error-page'
import { pageRefusals } from '@gatehouse/pages/register-pages'
import { PROVIDER_CONFIGURATION } from '@gatehouse/provider/configuration'
import { Type } from 'typebox'
import { migrations } from './migrations.ts'
import { SITE } from './site.ts'

export const service = defineService({
  name: 'my-ssa',
  summary: 'A mock of my Social Security as it was: username, password, and extra security by text',
  configuration: Type.Object(PROVIDER_CONFIGURATION),
  migrations,
  refusals: pageRefusals,
  errorPage: (problem) => errorPage(problem, SITE),
  async build() {},
})
