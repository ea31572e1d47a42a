import { defineService } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { migrations } from './migrations.ts'

export const service = defineService({
  name: 'ticket-portal',
  summary: 'The Ticket Portal of Employment Networks: a relying service that demands extra security',
  configuration: Type.Object({
    PERSONAS_FILE: Type.Optional(
      Type.String({ description: 'people who are enrolled at start, unless they are already' }),
    ),
    OPERATOR_TOKEN: Type.Optional(
      Type.String({ minLength: 32, description: 'enrols people; default: made under DATA_DIR' }),
    ),
  }),
  migrations,
  refusals: {},
  async build() {},
})
