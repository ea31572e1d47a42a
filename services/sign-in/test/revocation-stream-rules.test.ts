import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { now } from '@gatehouse/clock/clock'
import { type Broadcast, localBroadcast } from '@gatehouse/storage/broadcast'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import type { FastifyBaseLogger } from 'fastify'
import { migrations } from '../src/migrations.ts'
import { createNotedInstants } from '../src/revocation-stream/noted-instants.ts'
import { createRuleLog, type RuleLog } from '../src/revocation-stream/rule-log.ts'
import type { RevocationStreamTables } from '../src/revocation-stream/tables.ts'
import { faultyBroadcast, matchSession } from './revocation-streams.ts'

const silence = () => {}
const log = { error: silence, warn: silence, info: silence } as unknown as FastifyBaseLogger
const LONGEST = { timeout: 20_000 }

/** Rule logs over one database, as several processes of sign-in have them. */
async function open(url: string) {
  const database = await openDatabase<RevocationStreamTables>(url, 'sign_in')
  await migrate(database, migrations)
  const logs: RuleLog[] = []
  return {
    database,
    async process(broadcast: Broadcast = localBroadcast()) {
      const ruleLog = await createRuleLog({ database, broadcast, log })
      logs.push(ruleLog)
      return ruleLog
    },
    async [Symbol.asyncDispose]() {
      for (const ruleLog of logs) ruleLog.close()
      await database.destroy()
    },
  }
}

/** What a subscriber hears: numbers of rules, and `reset`. */
function listen(ruleLog: RuleLog) {
  const heard: (number | 'reset')[] = []
  const stop = ruleLog.subscribe((event) => {
    if (event.type === 'rule') heard.push(event.rule.sequence)
    if (event.type === 'reset') heard.push('reset')
  })
  return {
    heard,
    stop,
    /** Waits until so much was heard. */
    async count(length: number) {
      while (heard.length < length) await pause(2)
      return heard
    },
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

onEveryEngine((engine) => {
  test(
    'forty rules at once from two processes get the numbers 1 to 40, and instants in the same order',
    LONGEST,
    async () => {
      await using store = await open(await engine.freshDatabase())
      const processes = [await store.process(), await store.process()]
      const before = now()
      const rules = await Promise.all(
        upTo(40).map((number) => (processes[number % 2] as RuleLog).publish(matchSession(`${number}`))),
      )
      const sorted = rules.toSorted((one, other) => one.sequence - other.sequence)
      assert.deepEqual(
        sorted.map(({ sequence }) => sequence),
        upTo(40),
      )
      const instants = sorted.map(({ instant }) => instant)
      assert.deepEqual(
        instants,
        instants.toSorted((one, other) => one - other),
      )
      assert.ok((instants[0] as number) >= before && (instants.at(-1) as number) <= now())
      const stored = await (processes[0] as RuleLog).live(0, 100)
      assert.deepEqual(stored, sorted)
    },
  )

  test(
    'no rule is earlier than what a process with a faster clock has issued before it',
    LONGEST,
    async () => {
      await using store = await open(await engine.freshDatabase())
      const ruleLog = await store.process()
      const [note, noteElsewhere] = [createNotedInstants(store.database), createNotedInstants(store.database)]
      const issued = now() + 60_000
      assert.equal(await note(issued), issued)
      // Whoever notes less, or the same again, takes nothing back.
      await Promise.all([noteElsewhere(issued - 1), note(issued), note(now())])
      const rules = [await ruleLog.publish(matchSession('1')), await ruleLog.publish(matchSession('2'))]
      assert.deepEqual(
        rules.map(({ instant }) => instant),
        [issued, issued],
      )
      await Promise.all(upTo(10).map((count) => noteElsewhere(issued + count)))
      assert.equal((await ruleLog.publish(matchSession('3'))).instant, issued + 10)
    },
  )

  test('a revocation gets one rule, however often and by whomever it is asked for', LONGEST, async () => {
    await using store = await open(await engine.freshDatabase())
    const processes = [await store.process(), await store.process()]
    const order = matchSession('once')
    const rules = await Promise.all(upTo(10).map((turn) => (processes[turn % 2] as RuleLog).publish(order)))
    assert.deepEqual(new Set(rules.map((rule) => JSON.stringify(rule))).size, 1)
    advanceClock(1_000)
    const { instant } = await (processes[0] as RuleLog).publish(order)
    assert.equal(instant, rules[0]?.instant)
    assert.equal((await (processes[0] as RuleLog).publish(matchSession('next'))).sequence, 2)
  })

  for (const [how, fault] of [
    ['lost', () => {}],
    ['doubled', (message, deliver) => [message, message].forEach(deliver)],
    ['late', (message, deliver) => void setTimeout(deliver, 5 * Math.random(), message)],
    [
      'made up',
      (_message, deliver) => {
        deliver({ storedUpTo: { epoch: 'another', sequence: 1 } })
        deliver({ storedUpTo: { epoch: 'another', sequence: 1_000_000 } })
        deliver({ storedUpTo: 'none' })
        deliver({ acknowledged: { gateway: 1 } })
        deliver(undefined)
      },
    ],
  ] as [string, Parameters<typeof faultyBroadcast>[0]][]) {
    test(
      `where messages between processes are ${how}, both pass on every rule once and in order`,
      LONGEST,
      async () => {
        await using store = await open(await engine.freshDatabase())
        const broadcast = faultyBroadcast(fault)
        const processes = [await store.process(broadcast()), await store.process(broadcast())]
        const listeners = processes.map(listen)
        for (const number of upTo(5))
          await (processes[number % 2] as RuleLog).publish(matchSession(`${number}`))
        await Promise.all(
          upTo(15).map((number) =>
            (processes[number % 2] as RuleLog).publish(matchSession(`at once ${number}`)),
          ),
        )
        for (const listener of listeners) {
          assert.deepEqual(await listener.count(20), upTo(20))
        }
      },
    )
  }

  test(
    'a process whose messages were dropped has the newest rule by the time an acknowledgement is answered',
    LONGEST,
    async () => {
      await using store = await open(await engine.freshDatabase())
      const silent = faultyBroadcast(() => {})
      const [one, other] = [await store.process(silent()), await store.process(silent())]
      const listener = listen(other)
      const rule = await one.publish(matchSession('x'))
      const acknowledgement = { gateway: 'gateway-1', name: 'one', epoch: one.position().epoch, sequence: 0 }
      assert.deepEqual(await other.acknowledge(acknowledgement), one.position())
      assert.deepEqual(listener.heard, [rule.sequence])
    },
  )

  test(
    'rules that match no living token any more are deleted; numbers go on, and who missed them is told to begin anew',
    LONGEST,
    async () => {
      await using store = await open(await engine.freshDatabase())
      const silent = faultyBroadcast(() => {})
      const [one, other] = [await store.process(silent()), await store.process(silent())]
      await one.publish(matchSession('old'))
      advanceClock(299_000)
      assert.equal((await one.live(0, 10)).length, 1, 'a token of that second still lives')
      advanceClock(62_000)
      assert.deepEqual(await one.live(0, 10), [])
      for (const number of upTo(100)) await one.publish(matchSession(`new ${number}`))
      assert.equal((await one.since(0, 1))[0]?.sequence, 2)
      const listener = listen(other)
      const stored = await other.newest()
      assert.equal(stored.sequence, 101)
      assert.deepEqual(listener.heard, ['reset'])
      assert.deepEqual(other.position(), stored)
      await other.publish(matchSession('after'))
      assert.deepEqual(listener.heard, ['reset', 102])
    },
  )

  test(
    'a database put back to an earlier state is another history, as soon as anybody knows more',
    LONGEST,
    async () => {
      await using store = await open(await engine.freshDatabase())
      const silent = faultyBroadcast(() => {})
      const [one, other] = [await store.process(silent()), await store.process(silent())]
      for (const number of upTo(3)) await one.publish(matchSession(`${number}`))
      const { epoch } = await one.newest()
      const putBack = async () => {
        await store.database.deleteFrom('revocationRules').where('sequence', '>', 1).execute()
        await store.database.updateTable('revocationHead').set({ sequence: 1 }).execute()
      }
      await putBack()
      const listener = listen(one)
      const stored = await one.newest()
      assert.notEqual(stored.epoch, epoch)
      assert.equal(stored.sequence, 1)
      assert.deepEqual(listener.heard, ['reset'])
      // The other process knew no more than is stored, and follows.
      assert.deepEqual(await other.newest(), stored)

      // Here only a gateway knows more.
      await one.publish(matchSession('again'))
      await other.newest()
      await putBack()
      const third = await store.process(silent())
      const acknowledgement = { gateway: 'gateway-1', name: 'one', epoch: stored.epoch, sequence: 2 }
      const answer = await third.acknowledge(acknowledgement)
      assert.ok(![epoch, stored.epoch].includes(answer.epoch))
      assert.equal(answer.sequence, 1)
    },
  )

  test(
    'heartbeats stop when the database fails, and the process goes on when it is back',
    LONGEST,
    async () => {
      await using store = await open(await engine.freshDatabase())
      const ruleLog = await store.process()
      let beats = 0
      ruleLog.subscribe(({ type }) => {
        if (type === 'heartbeat') beats += 1
      })
      while (beats === 0) await pause(5)
      await store.database.schema.alterTable('revocation_head').renameTo('hidden').execute()
      // A look that is under way may still succeed.
      await pause(300)
      beats = 0
      await pause(600)
      assert.equal(beats, 0)
      await assert.rejects(ruleLog.newest())
      await assert.rejects(ruleLog.publish(matchSession('x')))
      await store.database.schema.alterTable('hidden').renameTo('revocation_head').execute()
      while (beats === 0) await pause(5)
      assert.equal((await ruleLog.publish(matchSession('x'))).sequence, 1)
    },
  )

  if (!engine.lasts) return

  test('after a restart the history and its numbers go on', LONGEST, async () => {
    const url = await engine.freshDatabase()
    const positions = []
    for (let starts = 0; starts < 2; starts += 1) {
      await using store = await open(url)
      const ruleLog = await store.process()
      await ruleLog.publish(matchSession(`${starts}`))
      positions.push(ruleLog.position())
    }
    assert.deepEqual(positions[1], { epoch: positions[0]?.epoch, sequence: 2 })
  })

  test('two databases are two histories', LONGEST, async () => {
    const epochs = []
    for (let databases = 0; databases < 2; databases += 1) {
      await using store = await open(await engine.freshDatabase())
      epochs.push((await (await store.process()).newest()).epoch)
    }
    assert.notEqual(epochs[0], epochs[1])
  })
})
