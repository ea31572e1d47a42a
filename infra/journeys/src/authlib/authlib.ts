// Drives the relying party written with Authlib, as Debian packages it.

import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PYTHON = '/usr/bin/python3'
const PROGRAM = fileURLToPath(new URL('./relying_party.py', import.meta.url))

/** Why Authlib cannot be had here, in words for a skipped test; nothing when it can. */
export function authlibIsMissing(): string | undefined {
  const { status } = spawnSync(PYTHON, ['-c', 'import authlib, requests'], { stdio: 'ignore' })
  return status === 0 ? undefined : 'Python with Authlib was not found'
}

export interface Registration {
  issuer: string
  client_id: string
  /** PEM. */
  private_key: string
  redirect_uri: string
  acr_values: string
}

export interface SignedIn {
  claims: Record<string, unknown>
  userinfo: Record<string, unknown>
}

/**
 * Signs somebody in.
 *
 * @param visit takes the browser to an address and gives the one at which it came back
 * @throws Error with Python's own words
 */
export async function signInWithAuthlib(
  registration: Registration,
  visit: (address: string) => Promise<string>,
): Promise<SignedIn> {
  const python = spawn(PYTHON, [PROGRAM], {
    // The suite under test speaks plain HTTP on loopback.
    env: { ...process.env, AUTHLIB_INSECURE_TRANSPORT: '1' },
  })
  let complaint = ''
  python.stderr.on('data', (chunk) => {
    complaint += chunk
  })
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
  const tell = (value: unknown) => python.stdin.write(`${JSON.stringify(value)}\n`)
  const hear = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the relying party ended: ${complaint}`)
    return JSON.parse(value)
  }
  try {
    tell(registration)
    const { address } = await hear()
    tell({ arrived: await visit(address) })
    return await hear()
  } finally {
    python.kill()
  }
}
