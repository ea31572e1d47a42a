import { Type } from 'typebox'
import { operation } from '../access/operation.ts'
import { Role } from '../access/roles.ts'
import type { Administrators } from './administrators.ts'
import { ShownAdministrator, shown } from './routes.ts'

export function administratorOperations({ administrators }: { administrators: Administrators }) {
  return {
    whoAmI: operation({
      method: 'GET',
      path: '/me',
      role: 'viewer',
      summary: 'Who calls, and what they may do in this sign-in',
      answer: Type.Object({
        administratorId: Type.String(),
        email: Type.String(),
        name: Type.Optional(Type.String()),
        roles: Type.Array(Role, { description: 'as the operator gave them' }),
        rights: Type.Array(Role, { description: 'as they count in this sign-in' }),
        isPhishingResistant: Type.Boolean(),
      }),
      async run({ administratorId, email, name, roles, rights, isPhishingResistant }) {
        const named = name === null ? {} : { name }
        return {
          administratorId,
          email,
          ...named,
          roles: [...roles],
          rights: [...rights],
          isPhishingResistant,
        }
      },
    }),
    listAdministrators: operation({
      method: 'GET',
      path: '/administrators',
      role: 'viewer',
      summary: 'Everybody who is an administrator, by e-mail address',
      answer: Type.Object({ administrators: Type.Array(ShownAdministrator) }),
      rows: 'administrators',
      run: async () => ({ administrators: (await administrators.all()).map(shown) }),
    }),
  }
}
