// The register of User IDs and companies as administrators see it: all of them, the disabled ones too. Reads only.

import { BsoUserId, Ein } from '@gatehouse/contracts/bso-user-ids'
import type { Page } from '@gatehouse/contracts/paging'
import type {
  CompanyRecord,
  CompanySearch,
  NamesRequest,
  UserIdNames,
  UserIdRecord,
  UserIdSearch,
} from '@gatehouse/contracts/user-id-administration'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import { Refusal } from '@gatehouse/http/refusal'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { foldName } from '../holders/names.ts'
import type { CompanyFilter, RegisterStore, UserIdFilter } from './store.ts'

type UserIdPage = { userIds: UserIdRecord[]; next?: string }
type CompanyPage = { companies: CompanyRecord[]; next?: string }

export interface Register {
  /** @throws Refusal `not_found` */
  userId(bsoUserId: string): Promise<UserIdRecord>
  /** @throws Refusal `not_found` */
  company(ein: string): Promise<CompanyRecord>
  /** Whatever cannot be a name, number or User ID finds nobody. @throws Refusal `invalid_request`: the cursor */
  search(search: UserIdSearch): Promise<UserIdPage>
  ofAccount(accountId: string, page: Page): Promise<UserIdPage>
  /** @throws Refusal `not_found` */
  ofCompany(ein: string, page: Page): Promise<UserIdPage>
  searchCompanies(search: CompanySearch): Promise<CompanyPage>
  /** What User IDs and companies are called. Those that nobody knows are left out. */
  names(wanted: NamesRequest): Promise<UserIdNames>
}

/** What a list goes on after: the User ID or EIN that was last. */
const Position = Type.Tuple([Type.String()])

const orNotFound = <Found>(found: Found | undefined): Found => {
  if (found === undefined) throw new Refusal('not_found')
  return found
}

export function createRegister(store: RegisterStore): Register {
  async function userIds(filter: UserIdFilter | undefined, { cursor, limit }: Page): Promise<UserIdPage> {
    const after = decodeCursor(cursor, Position)?.[0]
    const most = rowsOf(limit)
    const found = filter ? await store.userIds(filter, after, most + 1) : []
    const { rows, ...next } = cutPage(found, most, ({ bsoUserId }) => [bsoUserId])
    return { userIds: rows, ...next }
  }

  return {
    async userId(bsoUserId) {
      const [found] = await store.userIds({ bsoUserId }, undefined, 1)
      return orNotFound(found)
    },
    async company(ein) {
      const [found] = await store.companies({ ein }, undefined, 1)
      return orNotFound(found)
    },
    search: ({ by, text, ...page }) => userIds(filterOf(by, text), page),
    ofAccount: (accountId, page) => userIds({ accountId }, page),
    async ofCompany(ein, page) {
      const [company] = await store.companies({ ein }, undefined, 1)
      orNotFound(company)
      return userIds({ ein }, page)
    },
    async searchCompanies({ text, cursor, limit }) {
      const after = decodeCursor(cursor, Position)?.[0]
      const most = rowsOf(limit)
      const filter = companyFilterOf(text)
      const found = filter ? await store.companies(filter, after, most + 1) : []
      const { rows, ...next } = cutPage(found, most, ({ ein }) => [ein])
      return { companies: rows, ...next }
    },
    names: ({ userIds, eins }) =>
      store.names(
        userIds.filter((userId) => Value.Check(BsoUserId, userId)),
        eins.filter((ein) => Value.Check(Ein, ein)),
      ),
  }
}

/** Nine digits, as they are written with or without the hyphen. */
function einIn(text: string): string | undefined {
  const digits = text.trim().replace(/^([0-9]{2})-([0-9]{7})$/, '$1$2')
  return /^[0-9]{9}$/.test(digits) ? digits : undefined
}

function filterOf(by: UserIdSearch['by'], text: string): UserIdFilter | undefined {
  switch (by) {
    case 'user-id': {
      const idBegins = text.trim().toUpperCase()
      return /^[A-Z0-9]{1,8}$/.test(idBegins) ? { idBegins } : undefined
    }
    case 'ein': {
      const ein = einIn(text)
      return ein ? { ein } : undefined
    }
    case 'company-name': {
      const companyNameHas = foldName(text)
      return companyNameHas ? { companyNameHas } : undefined
    }
    case 'holder-name': {
      const holderNameBegins = foldName(text)
      return holderNameBegins ? { holderNameBegins } : undefined
    }
  }
}

function companyFilterOf(text: string | undefined): CompanyFilter | undefined {
  if (text === undefined) return {}
  const ein = einIn(text)
  if (ein) return { ein }
  const nameHas = foldName(text)
  return nameHas ? { nameHas } : undefined
}
