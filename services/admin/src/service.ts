import { defineService } from '@gatehouse/http/service'
import { Type } from 'typebox'

export const service = defineService({
  name: 'admin',
  summary: 'The administrators’ console and its API',
  configuration: Type.Object({
    PERSONAS_FILE: Type.Optional(
      Type.String({ description: 'test profile only: people who are administrators at their first start' }),
    ),
  }),
  build() {},
})
