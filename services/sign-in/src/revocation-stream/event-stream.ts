// One open stream of revocations to one gateway, as server-sent events. It is cut rather than allowed to lag: a gateway
// that is cut off refuses everything, one that lags unnoticed would not know what it misses.

import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { LONGEST_SILENCE_MS, type RevocationRule, type StoredUpTo } from '@gatehouse/contracts/revocations'
import type { RuleLog, StreamEvent } from './rule-log.ts'

/** Rules in one event of a snapshot. */
const CHUNK = 1_000
/** Bytes that may wait for a gateway to read them, beside one chunk of a snapshot. */
const LONGEST_QUEUE = 1_048_576
/** Milliseconds that a gateway may take to read on. */
const LONGEST_STALL_MS = 2 * LONGEST_SILENCE_MS

/** `<epoch>.<sequence>`; nothing for what no stream of ours gave out. */
export function readEventId(id: string | undefined): StoredUpTo | undefined {
  const match = /^([\w-]{1,64})\.(\d{1,15})$/.exec(id ?? '')
  return match?.[1] ? { epoch: match[1], sequence: Number(match[2]) } : undefined
}

/**
 * Sends the stream from `resume` on, or from a snapshot on where that is no place to resume from, until either side ends
 * it. The head must not have been sent yet.
 *
 * @param signal ends the stream
 */
export async function sendEvents(
  response: ServerResponse,
  rules: RuleLog,
  resume: StoredUpTo | undefined,
  signal: AbortSignal,
): Promise<void> {
  let stalledSince: number | undefined
  let unsubscribe = () => {}
  let sent: StoredUpTo = { epoch: '', sequence: 0 }

  function write(event: string, sequence: number, data: unknown): void {
    sent = { ...sent, sequence }
    if (response.destroyed || response.writableEnded) return
    const id = `${sent.epoch}.${sequence}`
    const isFlowing = response.write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`)
    if (isFlowing) stalledSince = undefined
    else stalledSince ??= performance.now()
  }

  const writeRule = (rule: RevocationRule) => write('revocation', rule.sequence, rule)
  const beat = () => write('heartbeat', sent.sequence, { sequence: sent.sequence })
  const isStalled = () => stalledSince !== undefined && performance.now() - stalledSince > LONGEST_STALL_MS

  /** Waits for what was written last, so that a long history is not held in memory. */
  async function flowing(): Promise<void> {
    if (stalledSince === undefined) return
    await once(response, 'drain', {
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_STALL_MS)]),
    })
    stalledSince = undefined
  }

  async function sendSnapshot(): Promise<void> {
    sent = { ...rules.position(), sequence: 0 }
    const upTo = rules.position().sequence
    while (true) {
      const page = await rules.live(sent.sequence, CHUNK)
      signal.throwIfAborted()
      const after = sent.sequence
      if (page.length < CHUNK) {
        // Between the last of them and the newest number there was nothing that matches anything.
        const sequence = Math.max(upTo, page.at(-1)?.sequence ?? 0)
        write('snapshot', sequence, { after, sequence, rules: page, more: false })
        return flowing()
      }
      const { sequence } = page[CHUNK - 1] as RevocationRule
      write('snapshot', sequence, { after, sequence, rules: page, more: true })
      await flowing()
    }
  }

  /** Sends what was added since, until nothing is missing; false when rules in between are gone. */
  async function sendMissing(): Promise<boolean> {
    while (sent.epoch === rules.position().epoch && sent.sequence < rules.position().sequence) {
      const missing = await rules.since(sent.sequence, CHUNK)
      signal.throwIfAborted()
      if (missing.length === 0) return false
      for (const rule of missing) {
        if (rule.sequence !== sent.sequence + 1) return false
        writeRule(rule)
      }
      await flowing()
    }
    return sent.epoch === rules.position().epoch
  }

  function isBehind(): boolean {
    const { epoch, sequence } = rules.position()
    return sent.epoch !== epoch || sent.sequence < sequence
  }

  function pass(event: StreamEvent): void {
    if (event.type === 'reset') {
      // Whoever comes back with what it knows gets what it can use of it, which is nothing in another history.
      response.end()
    } else if (isStalled() || response.writableLength > LONGEST_QUEUE) {
      response.destroy()
    } else if (event.type === 'heartbeat') {
      beat()
    } else if (event.rule.sequence > sent.sequence) {
      // What was read from the database may have been newer than the subscription.
      writeRule(event.rule)
    }
  }

  response.on('drain', () => {
    stalledSince = undefined
  })
  try {
    const { epoch, sequence } = rules.position()
    const canResume = resume?.epoch === epoch && resume.sequence <= sequence
    if (canResume) sent = resume
    let isComplete = canResume && (await sendMissing())
    while (!isComplete || isBehind()) {
      if (!isComplete) await sendSnapshot()
      isComplete = await sendMissing()
    }
    // In one step with the last look: no rule comes in between.
    unsubscribe = rules.subscribe(pass)
    beat()
    await once(response, 'close', { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    unsubscribe()
    response.end()
  }
}
