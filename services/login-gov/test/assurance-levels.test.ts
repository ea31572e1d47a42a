// What acr_values ask of a sign-in, and whether one has it (fact sheet 2.3, 6.3).

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequiredAuthentication } from '@gatehouse/provider/browser/destination'
import {
  ACR_VALUES,
  isAuthenticatedAs,
  readAcrValues,
  requiredAuthentication,
} from '../src/openid-connect/assurance-levels.ts'
import { ACR, NS } from './wire/row.ts'

const DUO = 'urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo'
const LOW = { aal: 1, phishingResistant: false, hspd12: false, allowsRememberedBrowser: true } as const
const FRESH = { ...LOW, aal: 2, allowsRememberedBrowser: false } as const
const PHISHING_RESISTANT = { ...FRESH, phishingResistant: true } as const
const HSPD12 = { ...PHISHING_RESISTANT, hspd12: true } as const

const rows: [
  string,
  string,
  { defaultAal?: 2 | 3; ial?: 1 | 2 } | undefined,
  RequiredAuthentication,
  string,
][] = [
  ['auth-only is a second factor or a remembered browser', `${ACR}:auth-only`, {}, LOW, DUO],
  ['loa/1 is the same', `${NS}/loa/1`, {}, LOW, DUO],
  ['the default said aloud is the same', `${NS}/ial/1 ${DUO}`, {}, LOW, DUO],
  [
    'nobody is remembered at a client for proofing',
    `${ACR}:auth-only`,
    { ial: 2 },
    { ...LOW, allowsRememberedBrowser: false },
    DUO,
  ],
  ['verified implies AAL2, and the claim does not say so', `${ACR}:verified`, { ial: 2 }, FRESH, DUO],
  ['ial/2 does', `${NS}/ial/2`, { ial: 2 }, FRESH, DUO],
  ['loa/3 does', `${NS}/loa/3`, { ial: 2 }, FRESH, DUO],
  ['a face match does', `${NS}/ial/2?bio=required`, { ial: 2 }, FRESH, DUO],
  ['a preferred face match does', `${ACR}:verified-facial-match-preferred`, { ial: 2 }, FRESH, DUO],
  ['ialmax does', `${NS}/ial/0`, {}, FRESH, DUO],
  ['the default said aloud does not lower it', `${ACR}:verified ${DUO}`, { ial: 2 }, FRESH, DUO],
  ['aal/2 is a fresh second factor', `${NS}/ial/1 ${NS}/aal/2`, {}, FRESH, `${NS}/aal/2`],
  ['aal/3 resists phishing', `${NS}/ial/1 ${NS}/aal/3`, {}, PHISHING_RESISTANT, `${NS}/aal/3`],
  [
    'phishing_resistant does',
    `${NS}/ial/1 ${NS}/aal/2?phishing_resistant=true`,
    {},
    PHISHING_RESISTANT,
    `${NS}/aal/2?phishing_resistant=true`,
  ],
  ['hspd12 is a certificate', `${NS}/ial/1 ${NS}/aal/2?hspd12=true`, {}, HSPD12, `${NS}/aal/2?hspd12=true`],
  ['aal/3 with hspd12 too', `${NS}/ial/1 ${NS}/aal/3?hspd12=true`, {}, HSPD12, `${NS}/aal/3?hspd12=true`],
  [
    'of several the highest counts',
    `${NS}/ial/1 ${DUO} ${NS}/aal/2 ${NS}/aal/3 ${NS}/aal/2?phishing_resistant=true`,
    {},
    PHISHING_RESISTANT,
    `${NS}/aal/2?phishing_resistant=true`,
  ],
  ['of all of them, hspd12', ACR_VALUES.join(' '), { ial: 2 }, HSPD12, `${NS}/aal/2?hspd12=true`],
  ['default_aal 2 counts where the request is silent', `${ACR}:auth-only`, { defaultAal: 2 }, FRESH, DUO],
  ['default_aal 3 too', `${ACR}:auth-only`, { defaultAal: 3 }, PHISHING_RESISTANT, DUO],
  ['default_aal counts for nothing where it is not', `${NS}/ial/1 ${DUO}`, { defaultAal: 3 }, LOW, DUO],
  ['aal/1 is dropped, so default_aal counts', `${NS}/ial/1 ${NS}/aal/1`, { defaultAal: 2 }, FRESH, DUO],
  ['the strict level asks for nothing by itself', `${NS}/ial/1 ${NS}/ial/2?strict=true`, {}, LOW, DUO],
]

describe('what a request asks of the sign-in (fact sheet 2.3)', () => {
  for (const [what, acrValues, client, required, aal] of rows) {
    test(what, () => {
      const request = readAcrValues(acrValues)
      assert.deepEqual(
        requiredAuthentication(request, { ial: 1, defaultAal: undefined, ...client }),
        required,
      )
      assert.equal(request.aal, aal)
    })
  }
})

describe('whether somebody has authenticated as asked (fact sheet 2.3, 6.2)', () => {
  const METHODS = [
    'sms',
    'voice',
    'totp',
    'backup_code',
    'personal_key',
    'webauthn',
    'webauthn_platform',
    'piv_cac',
  ]
  const STRONG = ['webauthn', 'webauthn_platform', 'piv_cac']
  const by = (required: RequiredAuthentication, methods: string[], isRemembered = false) =>
    isAuthenticatedAs(required, { methods, at: 0, isRemembered })

  for (const method of METHODS) {
    test(`${method} is ${STRONG.includes(method) ? 'enough where' : 'not enough where'} phishing is to be resisted`, () => {
      assert.equal(by(LOW, ['password', method]), true)
      assert.equal(by(FRESH, ['password', method]), true)
      assert.equal(by(PHISHING_RESISTANT, ['password', method]), STRONG.includes(method))
      assert.equal(by(HSPD12, ['password', method]), method === 'piv_cac')
    })
  }

  test('a remembered browser is enough at the lowest level only', () => {
    assert.equal(by(LOW, ['password', 'remember_device'], true), true)
    assert.equal(by({ ...LOW, allowsRememberedBrowser: false }, ['password', 'remember_device'], true), false)
    assert.equal(by(FRESH, ['password', 'remember_device'], true), false)
    assert.equal(by(PHISHING_RESISTANT, ['password', 'webauthn'], true), false)
  })

  test('a password alone, or nothing, is never enough', () => {
    assert.equal(by(LOW, ['password']), false)
    assert.equal(isAuthenticatedAs(LOW, undefined), false)
  })
})
