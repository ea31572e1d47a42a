import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** What a service derives from its one root secret. Each name gives an independent key (HKDF, RFC 5869). */
export interface Secrets {
  /** 32 bytes for this purpose. */
  key(purpose: string): Buffer
  /** A keyed digest (HMAC-SHA-256, base64url): equal texts match, and the table that holds it reveals nothing. */
  digest(purpose: string, text: string): string
  /** Encrypts a text for keeping (AES-256-GCM). */
  seal(purpose: string, text: string): string
  /** Gives back what `seal` took; throws when it was changed or sealed for another purpose. */
  unseal(purpose: string, sealed: string): string
}

const NONCE = 12
const TAG = 16

/** @param root at least 32 bytes of key material */
export function deriveSecrets(root: Buffer): Secrets {
  if (root.length < 32) throw new Error('a root secret must have at least 32 bytes')
  const keys = new Map<string, Buffer>()

  // The use is part of the name, so that no purpose of one use ever means the key of another.
  function derive(use: 'key' | 'digest' | 'seal', purpose: string): Buffer {
    const name = `${use} ${purpose}`
    let derived = keys.get(name)
    if (!derived) {
      derived = Buffer.from(hkdfSync('sha256', root, '', name, 32))
      keys.set(name, derived)
    }
    return derived
  }

  return {
    key: (purpose) => Buffer.from(derive('key', purpose)),
    digest(purpose, text) {
      return createHmac('sha256', derive('digest', purpose)).update(text).digest('base64url')
    },
    seal(purpose, text) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', derive('seal', purpose), nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
    },
    unseal(purpose, sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      // Node reads over what is not base64url, and takes tags that were cut to four bytes unless told their length.
      if (bytes.toString('base64url') !== sealed) throw new Error('a sealed text must be base64url')
      const decipher = createDecipheriv('aes-256-gcm', derive('seal', purpose), bytes.subarray(0, NONCE), {
        authTagLength: TAG,
      })
      decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
      return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString('utf8')
    },
  }
}

/**
 * The content of a secret file, made on first use with mode 0600. Processes that start at once agree on the content of
 * whoever was first, and one that is killed in between leaves no half-written file behind that name.
 */
export function secretFile(path: string, create: () => string): string {
  const existing = contentOf(path)
  if (existing !== undefined) return existing
  const directory = dirname(path)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const content = create()
  try {
    writeDurably(draft, content)
    // A link gives a whole file its name, and only if the name is free.
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readFileSync(path, 'utf8')
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
  syncDirectory(directory)
  return content
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

function writeDurably(path: string, content: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A new name is only sure to outlive a loss of power once its directory is written. Windows cannot, and need not. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
