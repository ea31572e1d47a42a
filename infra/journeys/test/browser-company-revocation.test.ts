// A company loses access: one administrator asks, another approves, and a third, who may only look, finds out afterwards
// who it was and why.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { documentedRequests } from '@gatehouse/numident/documented'
import { signInHeadless } from '@gatehouse/testkit/sign-in'
import type { Page } from 'playwright-core'
import {
  addSecurityKey,
  describeRevocation,
  giveReason,
  openPerson,
  signInAtConsole,
} from '../src/administrator-steps.ts'
import { beginSignIn, fillInRow, follow, press } from '../src/browser-steps.ts'
import { verify } from '../src/gateway-requests.ts'
import { openJourney } from '../src/journey.ts'
import { signInWithText } from '../src/login-gov-steps.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const PROGRAM = fileURLToPath(import.meta.resolve('@gatehouse/cli/main'))
// The command line reads the databases, so they are files.
const dataDirectory = await mkdtemp(join(tmpdir(), 'gatehouse-company-'))
const { gatehouse, options, openVisitor } = await openJourney({ dataDirectory })
after(() => rm(dataDirectory, { recursive: true, force: true }))
const { urls } = gatehouse
const persona = (id: string) => gatehouse.persona(id)
const [maria, james, rosa, amir, vera] = ['maria', 'james', 'rosa', 'amir', 'vera'].map(persona) as [
  Persona,
  Persona,
  Persona,
  Persona,
  Persona,
]
type Persona = ReturnType<typeof persona>
const title = (words: string) => `${words} | Gatehouse administration`
const JAVASCRIPT = { javaScript: true }
const look = pageChecks(JAVASCRIPT)
const PAYROLL = { ein: '960001012', name: 'Example Payroll Company' }
const MORTGAGE = { ein: '960002037' }
const TICKET = 'SEC-4712'
const REASON = 'The company was dissolved'
const [documented] = documentedRequests
assert.ok(documented)

/** The number of the order, once it was asked for. */
let actId = ''

async function tokenOfJames(ein: string): Promise<string> {
  // Past the cool-down of his last text.
  gatehouse.advanceClock(60_000)
  const { tokens, claims } = await signInHeadless({ urls, persona: james, ein })
  assert.equal(claims.ein, ein)
  return tokens.access_token
}

const statusOf = async (token: string) => (await verify(urls, { token })).status

test(
  'a company ends for everybody in it and for nobody else, when a second administrator approves',
  options,
  async (t) => {
    const [person, asking, deciding] = [await openVisitor(t), await openVisitor(t), await openVisitor(t)]
    await beginSignIn(person, urls.bso)
    await signInWithText(person, urls.lab, maria, 'MARIA7K2')
    await person.goto(`${urls.bso}/cbsv/online-verification`)
    await fillInRow(person, documented.request)

    for (const administrator of [rosa, amir]) await addSecurityKey(gatehouse, administrator)
    await signInAtConsole(asking, gatehouse, rosa, JAVASCRIPT)
    await asking.goto(`${urls.admin}/companies/${PAYROLL.ein}`)
    await follow(asking, 'Disable, or end what is open')
    await describeRevocation(asking, {
      duration: 'Until somebody reinstates it',
      reason: REASON,
      ticket: TICKET,
    })
    assert.match(await textOf(asking), /Another administrator .* decides/)
    await press(asking, 'Ask for approval')
    assert.match(await textOf(asking), /Awaiting approval/)
    assert.equal(await asking.getByRole('button', { name: 'Approve' }).count(), 0, 'not one’s own')
    actId = new URL(asking.url()).pathname.split('/').at(-1) ?? ''
    await signInAtConsole(deciding, gatehouse, amir, JAVASCRIPT)

    const atMortgage = await tokenOfJames(MORTGAGE.ein)
    const atPayroll = await tokenOfJames(PAYROLL.ein)
    const elsewhere = await statusOf(atMortgage)
    assert.notEqual(elsewhere, 401)
    assert.equal(await statusOf(atPayroll), 200, 'a request ends nothing')

    await deciding.goto(`${urls.admin}/approvals`)
    await follow(deciding, /^Revocation$/)
    assert.match(await textOf(deciding), new RegExp(`${REASON}.*${TICKET}.*Rosa Exemplar`, 's'))
    await giveReason(deciding, 'The register says so too', 'Approve and carry out')
    assert.match(await textOf(deciding), /Done/)
    assert.equal(await statusOf(atPayroll), 401)
    assert.equal(await statusOf(atMortgage), elsewhere)

    await press(person, 'Submit')
    assert.equal(await person.title(), 'Error: Your session ended | Business Services Online')
    await follow(person, 'Sign in again')
    // The session at sign-in is hers and stands; what is left of it opens nothing.
    await look(person, 'adm-20-no-user-id', 'BSO User ID | Social Security')
    assert.match(await textOf(person), /No BSO User ID is linked to you/)
    await tokenOfJames(MORTGAGE.ein)
  },
)

test(
  'who may only look finds out who asked, who approved, why, from where and when, and can end nothing (ASVS 8.3.1, 16.2.1)',
  options,
  async (t) => {
    assert.ok(actId, 'goes on from the company that ended')
    await addSecurityKey(gatehouse, vera)
    const page = await openVisitor(t)
    await signInAtConsole(page, gatehouse, vera, JAVASCRIPT)

    await openPerson(page, urls.admin, 'Maria Example')
    const person = new URL(page.url()).pathname
    for (const path of [person, '/revocations', `/companies/${PAYROLL.ein}`, `/acts/${actId}`]) {
      await page.goto(urls.admin + path)
      const ways = page.locator('main').locator('a, button', {
        hasText: /^\s*(Revoke|Reinstate|Disable|Enable|Ask for|Approve|Refuse|Withdraw)/,
      })
      assert.deepEqual(await ways.allInnerTexts(), [], path)
    }
    await page.goto(`${urls.admin}/revocations/new?kind=ein&value=${MORTGAGE.ein}`)
    await describeRevocation(page, { duration: 'End what is open now', reason: 'Curiosity', ticket: 'SEC-1' })
    assert.equal(await page.getByRole('button', { name: 'Ask for approval' }).count(), 0)
    await look(page, 'adm-21-preview-to-look-at', title('What it would end'))
    await postAnyway(page, '/revocations')
    await look(page, 'adm-22-role-missing', `Error: ${title('Your roles do not allow this')}`)
    await page.goto(`${urls.admin}/companies/${MORTGAGE.ein}`)
    assert.doesNotMatch(await textOf(page), /Disabled/)

    await page.goto(`${urls.admin}/audit?text=${actId}`)
    const said = await page.locator('main table tbody tr').allInnerTexts()
    const entry = (event: string) => said.find((text) => text.includes(event)) ?? ''
    assert.match(entry('revocation.ordered'), /Rosa Exemplar/)
    assert.match(entry('revocation.ordered'), new RegExp(`“${REASON}”.*${TICKET}`, 's'))
    assert.match(entry('revocation.ordered'), /from (127\.0\.0\.1|::1)/)
    assert.match(entry('revocation.ordered'), /\d{4}.*\d:\d{2}/)
    assert.match(entry('request.approved'), /Amir Facsimile/)
    assert.match(entry('request.approved'), /“The register says so too”/)
    assert.match(entry('access.ended'), new RegExp(PAYROLL.ein))
    await look(page, 'adm-23-who-and-why', title('Audit'))

    const [download] = await Promise.all([page.waitForEvent('download'), follow(page, 'CSV')])
    assert.equal(download.suggestedFilename(), 'searchAudit.csv')
    const file = await readFile(await download.path(), 'utf8')
    const [head = '', ...rows] = file.trimEnd().split('\r\n')
    assert.match(head, /^service,sequence,occurredAt,event,/)
    assert.equal(rows.length, said.length)
    assert.ok(rows.some((row) => row.includes(REASON) && row.includes('Rosa Exemplar')))

    // One who may only look finds that too: a refusal is an event of its own.
    await page.goto(`${urls.admin}/audit?event=operation.refused&outcome=refusal`)
    assert.match(await textOf(page), /Vera Instance.*operation: revoke;.*role_missing/s)
    await press(page, 'Verify all trails')
    assert.match(await textOf(page), /No trail was changed/)
  },
)

test('the command line finds every trail whole, and in a copy names the entry that was changed', async () => {
  const whole = await auditVerify(dataDirectory)
  assert.deepEqual([whole.status, whole.stderr], [0, ''], whole.stdout)
  assert.match(whole.stdout, /admin +\d+ +intact/)

  const copy = join(dataDirectory, 'copy')
  await mkdir(join(copy, 'admin'), { recursive: true })
  await copyFile(join(dataDirectory, 'admin', 'secret'), join(copy, 'admin', 'secret'))
  const file = join(copy, 'admin', 'admin.sqlite')
  const original = new DatabaseSync(join(dataDirectory, 'admin', 'admin.sqlite'), { timeout: 5_000 })
  original.prepare('vacuum into ?').run(file)
  original.close()
  assert.equal((await auditVerify(copy)).status, 0)

  const changed = new DatabaseSync(file)
  changed.exec('drop trigger audit_events_no_update')
  const { sequence } = changed
    .prepare(
      `update audit_events set reason = replace(reason, 'dissolved', 'dissolvet')
        where sequence = (select min(sequence) from audit_events where reason = ?) returning sequence`,
    )
    .get(REASON) as { sequence: number }
  changed.close()
  const broken = await auditVerify(copy)
  assert.equal(broken.status, 1)
  assert.match(broken.stdout, new RegExp(`admin +\\d+ +BROKEN: entry ${sequence} is not what was recorded`))
})

/** Sends what a button would, from a page that does not show it. */
async function postAnyway(page: Page, action: string): Promise<void> {
  const fields = {
    kind: 'ein',
    value: MORTGAGE.ein,
    duration: 'once',
    reason: 'Curiosity',
    reference: 'curious-1',
  }
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.evaluate(`(() => {
    const form = document.querySelector('main form[method=post]')
    form.replaceChildren(form.querySelector('[name=_csrf]'))
    for (const [name, value] of Object.entries(${JSON.stringify(fields)})) {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
    }
    form.setAttribute('action', ${JSON.stringify(action)})
    form.submit()
  })()`)
  assert.equal((await answered).status(), 403)
  await page.waitForURL((url) => url.pathname === action)
}

/** Not in this process, in which the suite runs. */
function auditVerify(data: string): Promise<{ status: number; stdout: string; stderr: string }> {
  const { GATEHOUSE_URLS: _, DATABASE_URL: __, SERVICE_SECRET: ___, ...env } = process.env
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [PROGRAM, 'audit', 'verify', '--data', data],
      { timeout: 180_000, env },
      (error, stdout, stderr) => resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}
