import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginSignIn, chooseMethod, enterPassword, follow, largeCode, press } from '../src/browser-steps.ts'
import { openJourney } from '../src/journey.ts'
import { pageChecks, textOf } from '../src/page-checks.ts'

const { gatehouse, options, openVisitor } = await openJourney()
const { urls } = gatehouse
const look = pageChecks({ javaScript: true })

test('the pages of the lab pass axe, empty and with what came', options, async (t) => {
  const page = await openVisitor(t)
  await page.goto(`${urls.lab}/phones`)
  await look(page, '40-lab-phones-empty', 'Phones | QA desk')
  const james = gatehouse.persona('james')
  const other = await page.context().newPage()
  await beginSignIn(other, urls.bso)
  await press(other, 'Sign in with Login.gov')
  await enterPassword(other, james)
  assert.match(await largeCode(page), /^\d{6}$/, 'the text came to the open page by itself')
  gatehouse.advanceClock(11_000)
  await follow(other, 'Choose another authentication method')
  await chooseMethod(other, 'call')
  await page.locator('.lab-tag--call').waitFor()
  await page.locator('.lab-line--waiting').last().waitFor()
  const pages = {
    '': 'Welcome',
    phones: 'Phones',
    'phones/+12025550143': '(202) 555-0143',
    personas: 'Personas',
    clock: 'Clock',
  }
  for (const [path, title] of Object.entries(pages)) {
    await page.goto(`${urls.lab}/${path}`)
    await look(page, `40-lab-${path.replace(/\W+/g, '-')}`, `${title} | QA desk`)
  }
  await page.getByLabel('How many').fill('ten')
  await press(page, 'Advance')
  await look(page, '41-lab-clock-error', 'Error: Clock | QA desk')
  await press(page, '+ 10 minutes')
  await look(page, '42-lab-clock-moved', 'Clock | QA desk')
})

test('each provider says in what it is a mock', options, async (t) => {
  const page = await openVisitor(t)
  for (const [site, name] of [
    ['login-gov', 'Login.gov'],
    ['id-me', 'ID.me'],
  ] as const) {
    await page.goto(`${urls[site]}/about`)
    await look(page, `49-about-${site}`, `About this mock of ${name} | ${name}`)
    assert.match(await textOf(page), /What is assumed/)
  }
})

test(
  'help, an expired sign-in and addresses that do not exist pass axe at every site',
  options,
  async (t) => {
    const page = await openVisitor(t)
    const shown: [string, string, string][] = [
      ['50-sign-in-help', `${urls['sign-in']}/help`, 'Sign in Help and Support | Social Security'],
      [
        '51-external-sites',
        `${urls['sign-in']}/external-sites`,
        'External Site Disclaimer | Social Security',
      ],
      [
        '52-sign-in-expired',
        `${urls['sign-in']}/interaction/abcdefghijklmnopqrstu`,
        'Error: This sign-in is over. Go back to the service and sign in again | Social Security',
      ],
      [
        '53-bad-request',
        `${urls['sign-in']}/authorize?client_id=nobody`,
        'Error: This sign-in request cannot be served | Social Security',
      ],
      [
        '54-no-session',
        `${urls['login-gov']}/openid_connect/authorize`,
        'OpenID Connect Authorization | Login.gov',
      ],
    ]
    shown.push([
      '54-id-me-error',
      `${urls['id-me']}/oauth/authorize`,
      'Error: We cannot go on with this request | ID.me',
    ])
    const sites = {
      bso: 'Business Services Online',
      'sign-in': 'Social Security',
      'login-gov': 'Login.gov',
      'id-me': 'ID.me',
      lab: 'QA desk',
    }
    for (const [site, name] of Object.entries(sites)) {
      shown.push([
        `55-not-found-${site}`,
        `${urls[site as keyof typeof sites]}/nowhere`,
        `Error: Page not found | ${name}`,
      ])
    }
    for (const [name, address, title] of shown) {
      await page.goto(address)
      await look(page, name, title)
    }
    await page.goto(`${urls.bso}/callback?state=x&code=y`)
    assert.match(await page.title(), /^Error: /)
    await look(page, '56-callback-of-nobody', await page.title())
  },
)
