import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
/** A port of the machine that nothing listens on. */
const NOBODY = ['--port-base', '1']

function gatehouse(...args: string[]) {
  const { GATEHOUSE_URLS: _, ...env } = process.env
  const options = { encoding: 'utf8', timeout: 60_000, env } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options)
  return { status, stdout, stderr }
}

test('the help lists the commands, and without a command it goes to standard error with status 2', () => {
  const { status, stdout } = gatehouse('--help')
  assert.equal(status, 0)
  for (const command of [
    'sign-in',
    'verify',
    'letters',
    'register',
    'rotate-keys',
    'audit verify',
    'audit head',
  ])
    assert.ok(stdout.includes(command))
  assert.deepEqual(gatehouse('-h'), gatehouse('--help'))
  const without = gatehouse()
  assert.deepEqual([without.status, without.stdout, without.stderr], [2, '', stdout])
})

test('the help of a command names its options', () => {
  const options = {
    'sign-in': [
      '--persona',
      '--provider',
      '--channel',
      '--extra-security',
      '--ein',
      '--admin',
      '--port-base',
      '--data',
      '--json',
    ],
    verify: ['--ssn', '--first', '--last', '--dob', '--gender', '--persona'],
    letters: ['--persona', '--ein', '--json'],
    register: [
      '--name',
      '--redirect-uri',
      '--post-logout-redirect-uri',
      '--scope',
      '--provider',
      '--auth',
      '--jwks-uri',
    ],
    'rotate-keys': ['--data'],
  }
  for (const [command, expected] of Object.entries(options)) {
    const { status, stdout } = gatehouse(command, '--help')
    assert.equal(status, 0)
    for (const option of expected) assert.ok(stdout.includes(option), `${command} ${option}`)
  }
})

test('a command line that cannot be understood ends with status 2, and says what and where there is help', () => {
  const wrong: [string[], RegExp][] = [
    [['sing-in'], /no command sing-in/],
    [['toString'], /no command toString/],
    [['sign-in', '--person', 'maria'], /--person/],
    [['sign-in', 'maria'], /maria/],
    [['sign-in', '--persona'], /--persona/],
    [['sign-in', '--port-base', '65535'], /--port-base/],
    [['sign-in', '--port-base', '4e3'], /--port-base/],
    [['sign-in', '--port-base', ''], /--port-base/],
    [['sign-in', '--urls', '{"bso":"http://localhost"}'], /--urls/],
    [['verify', '--first', 'Avery', '--last', 'Sample'], /--ssn is needed/],
    [['verify', '--ssn', '987654320', '--last', 'Sample'], /--first is needed/],
    [['register', '--redirect-uri', 'https://shop.example/callback'], /--name is needed/],
    [['register', '--name', 'Shop'], /--redirect-uri is needed/],
    [['register', '--name', 'Shop', '--redirect-uri', '/callback'], /absolute address/],
    [
      ['register', '--name', 'Shop', '--redirect-uri', 'https://shop.example/', '--auth', 'password'],
      /--auth/,
    ],
    [
      ['register', '--name', 'Shop', '--redirect-uri', 'https://shop.example/', '--auth', 'private_key_jwt'],
      /--jwks-uri is needed/,
    ],
  ]
  for (const [args, said] of wrong) {
    const { status, stdout, stderr } = gatehouse(...args)
    assert.equal(status, 2, args.join(' '))
    assert.equal(stdout, '')
    assert.match(stderr, said)
    assert.match(stderr, /Try npm run gatehouse -- .*--help/)
  }
})

test('where no suite runs, one sentence says so, with status 1', () => {
  const commands = [['sign-in'], ['verify'], ['letters'], ['rotate-keys']]
  for (const command of commands) {
    const { status, stdout, stderr } = gatehouse(...command, ...NOBODY)
    assert.equal(status, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^No Gatehouse suite answers at http:\/\/localhost:1\. Start one with npm start/)
  }
})

test('a suite may be named by all its addresses', () => {
  const urls = Object.fromEntries(SERVICE_NAMES.map((name) => [name, 'http://localhost:2']))
  const { status, stderr } = gatehouse('sign-in', '--urls', JSON.stringify(urls))
  assert.equal(status, 1)
  assert.match(stderr, /answers at http:\/\/localhost:2\./)
})
