import { defineService } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { migrations } from './migrations.ts'

export const service = defineService({
  name: 'upgrade-codes',
  summary: 'Codes that come by letter: print, mail, redeem, expire',
  configuration: Type.Object({}),
  migrations,
  refusals: {},
  async build() {},
})
