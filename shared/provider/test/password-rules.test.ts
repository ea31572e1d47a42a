import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { passwordProblem } from '../src/password/password-rules.ts'

const rules = { shortest: 12, words: ['Login.gov', 'maria@example.com'] }

describe('a new password (NIST SP 800-63B-4 §3.1.1.2)', () => {
  test('is counted in characters, however they are composed', async () => {
    assert.equal(await passwordProblem('quartz-mote', rules), 'too_short')
    assert.equal(await passwordProblem('quartz-motel', rules), undefined)
    // Twelve units of UTF-16, six characters.
    assert.equal(await passwordProblem('😀😎🙈🚲🧀🦊', rules), 'too_short')
    // Twelve code points as typed, eleven characters.
    assert.equal(await passwordProblem('quartz-mote\u0301', rules), 'too_short')
  })

  test('may have 64 characters and more, but not any number', async () => {
    const long = 'Quiet rivers carry 7 boats past old mills; nobody counts them. '.repeat(3)
    assert.equal(await passwordProblem(long.slice(0, 64), rules), undefined)
    assert.equal(await passwordProblem(long.slice(0, 128), rules), undefined)
    assert.equal(await passwordProblem(long.slice(0, 129), rules), 'too_long')
  })

  test('is refused when it is common, expected or of the person', async () => {
    const weak = [
      'password1234',
      'qwertyuiop12',
      'letmeinletmein',
      '111111111111',
      'abcdefghijkl',
      'P@ssw0rd1234',
      'mariaexample',
      'Maria@Example.com',
      'logingov2026',
      'a'.repeat(128),
    ]
    for (const password of weak) assert.equal(await passwordProblem(password, rules), 'too_weak', password)
  })

  test('needs no digits, capitals or signs', async () => {
    assert.equal(await passwordProblem('quartz motel umbrella', rules), undefined)
    assert.equal(await passwordProblem('контрабас на чердаке', rules), undefined)
  })

  test('is judged without an error and in good time, whatever it is', async () => {
    // The first one loads the list.
    await passwordProblem('quartz motel umbrella', rules)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.stringMatching(/^[a@4s$5e3o0l1 ]{12,128}$/),
        ),
        fc.array(fc.string({ maxLength: 60 }), { maxLength: 4 }),
        async (password, words) => {
          const problem = await passwordProblem(password, { shortest: 12, words })
          assert.ok([undefined, 'too_short', 'too_long', 'too_weak'].includes(problem))
        },
      ),
      { numRuns: 200, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
    )
  })
})
