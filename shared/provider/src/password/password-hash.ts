// Passwords are kept as argon2id hashes with the parameters they were made with, in the PHC string format, so that
// the parameters can be raised without making older hashes useless.

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

// Of OWASP's equivalent settings for argon2id the one with the least memory: 7 MiB, five passes, one lane. What a
// thread has once used for it stays with the process.
const MEMORY = 7_168
const PASSES = 5
const LANES = 1
const TAG_LENGTH = 32
const SALT_LENGTH = 16

const FORMAT = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/

/** Hashes with a salt of its own; about 20 ms off the main thread. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_LENGTH)
  const tag = await argon2id(password, nonce, MEMORY, PASSES, LANES, TAG_LENGTH)
  return `$argon2id$v=19$m=${MEMORY},t=${PASSES},p=${LANES}$${unpadded(nonce)}$${unpadded(tag)}`
}

/** @throws Error when the hash is not one that `hashPassword` made */
export async function isPasswordOf(hash: string, password: string): Promise<boolean> {
  const [, memory, passes, lanes, salt, tag] = FORMAT.exec(hash) ?? []
  if (!salt || !tag) throw new Error('a stored password hash cannot be read')
  const expected = Buffer.from(tag, 'base64')
  const given = await argon2id(
    password,
    Buffer.from(salt, 'base64'),
    Number(memory),
    Number(passes),
    Number(lanes),
    expected.length,
  )
  return timingSafeEqual(given, expected)
}

function argon2id(
  password: string,
  nonce: Buffer,
  memory: number,
  passes: number,
  parallelism: number,
  tagLength: number,
) {
  // One spelling for characters that keyboards compose differently (NIST SP 800-63B-4 §3.1.1.2).
  const message = password.normalize('NFC')
  return derive('argon2id', { message, nonce, memory, passes, parallelism, tagLength })
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
