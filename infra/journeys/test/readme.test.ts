import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { openBrowser } from '@gatehouse/testkit/headless-browser'
import { completeSignIn } from '@gatehouse/testkit/sign-in-steps'

const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse

const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8')
const chapter =
  readme.split('\n## ').find((part) => part.startsWith('Sign people in to your own service')) ?? ''
const example = /```js\n([\s\S]+?)```/.exec(chapter)?.[1] ?? ''
const registration = /npm run gatehouse -- (register .+)/.exec(chapter)?.[1] ?? ''
const commandLine = fileURLToPath(import.meta.resolve('@gatehouse/cli/main'))

/** The README's command, for a service on this port. */
async function register(port: number): Promise<Record<string, string>> {
  const words = [...registration.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  )
  const args = words.map((word) => word.replace('localhost:3000', `localhost:${port}`))
  const child = spawn(process.execPath, [commandLine, ...args, '--data', gatehouse.dataDirectory], {
    env: { ...process.env, GATEHOUSE_URLS: JSON.stringify(urls) },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 180_000,
  })
  const printed = await text(child.stdout)
  return Object.fromEntries([...printed.matchAll(/^(\w+) +(\S+)$/gm)].map(([, name, value]) => [name, value]))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Runs the example as it stands in the README, where its import finds openid-client. */
async function runExample(t: TestContext, environment: Record<string, string>): Promise<void> {
  const within = fileURLToPath(new URL('../.tmp/', import.meta.url))
  await mkdir(within, { recursive: true })
  const folder = await mkdtemp(join(within, 'readme-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'relying-service.mjs')
  await writeFile(file, example)
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...environment }, stdio: 'inherit' })
  const ended = once(child, 'exit')
  t.after(async () => {
    child.kill()
    await ended
  })
  for (const end = performance.now() + 20_000; performance.now() < end && child.exitCode === null; ) {
    const answer = await fetch(`http://localhost:${environment.PORT}/`, { redirect: 'manual' }).catch(
      () => undefined,
    )
    if (answer) return
    await pause(50)
  }
  throw new Error('the example does not listen')
}

test('the relying service of the README signs a person in as it stands there', {
  timeout: 180_000,
}, async (t) => {
  assert.match(example, /from 'openid-client'/)
  const port = await freePort()
  const { client_id = '', client_secret = '', issuer } = await register(port)
  assert.equal(issuer, urls['sign-in'])
  await runExample(t, {
    ISSUER: urls['sign-in'],
    CLIENT_ID: client_id,
    CLIENT_SECRET: client_secret,
    PORT: String(port),
  })

  const browser = openBrowser()
  t.after(() => browser.close())
  const first = await browser.open(`http://localhost:${port}/`)
  assert.match(first.text, /You are signing in to My service/)
  const arrived = await completeSignIn(browser, { urls, persona: gatehouse.persona('maria') })
  const { sub, ...person } = JSON.parse(arrived.root.toString())
  assert.match(sub, /^[\w-]{20,}$/)
  assert.deepEqual(person, {
    name: 'Maria Example',
    idp: 'login.gov',
    acr: 'http://idmanagement.gov/ns/assurance/ial/2',
  })

  const again = await browser.open(arrived.url)
  assert.equal(again.status, 400, 'the answer of a sign-in is taken once')
  const stranger = openBrowser()
  t.after(() => stranger.close())
  assert.equal((await stranger.open(arrived.url)).status, 400, 'and in no other browser')
})
