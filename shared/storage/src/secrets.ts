import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
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

/** @param root at least 32 bytes of key material */
export function deriveSecrets(root: Buffer): Secrets {
  if (root.length < 32) throw new Error('a root secret must have at least 32 bytes')
  const keys = new Map<string, Buffer>()

  function key(purpose: string): Buffer {
    let derived = keys.get(purpose)
    if (!derived) {
      derived = Buffer.from(hkdfSync('sha256', root, '', purpose, 32))
      keys.set(purpose, derived)
    }
    return derived
  }

  return {
    key,
    digest: (purpose, text) =>
      createHmac('sha256', key(`digest ${purpose}`))
        .update(text)
        .digest('base64url'),
    seal(purpose, text) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key(`seal ${purpose}`), nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
    },
    unseal(purpose, sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key(`seal ${purpose}`), bytes.subarray(0, 12))
      decipher.setAuthTag(bytes.subarray(12, 28))
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
    },
  }
}

/**
 * The content of a secret file, made on first use with mode 0600. Two processes that start at once agree on the
 * content of whoever created the file first.
 */
export function secretFile(path: string, create: () => string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    const file = openSync(path, 'wx', 0o600)
    const content = create()
    writeSync(file, content)
    fsyncSync(file)
    closeSync(file)
    return content
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readFileSync(path, 'utf8')
  }
}
