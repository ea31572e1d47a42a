import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BsoUserId } from '@gatehouse/contracts/bso-user-ids'
import { Value } from 'typebox/value'
import { newUserId } from '../src/user-ids/new-user-id.ts'

const many = Array.from({ length: 2_000 }, newUserId)

test('a new User ID is eight of A-Z and 0-9', () => {
  for (const id of many) assert.ok(Value.Check(BsoUserId, id), id)
})

test('no character of a new User ID looks like another', () => {
  assert.doesNotMatch(many.join(''), /[01OIL]/)
})

test('new User IDs use the whole alphabet and do not repeat', () => {
  assert.equal(new Set(many).size, many.length)
  assert.equal(new Set(many.join('')).size, 28)
})
