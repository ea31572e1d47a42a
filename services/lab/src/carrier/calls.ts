// Simulated calls: queued, ringing, in-progress, completed; or busy, no-answer, failed. What must always hold: a call is
// stored before the API answers, and no callback holds up an answer or the call.
import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { News } from '../news.ts'
import { faultOf } from '../phone-numbers.ts'
import type { Application, Message, MessageChange, TranscriptLine } from '../phones/messages.ts'
import type { MessageStore } from '../phones/store.ts'
import type { ApplicationRequests } from './application-requests.ts'
import { converse } from './conversation.ts'
import { createKeyPresses, type KeyPresses } from './key-presses.ts'
import { API_VERSION, secondsOf } from './resources.ts'
import { TwilioError } from './twilio-errors.ts'

export interface NewCall {
  from: string
  to: string
  application: Application
}

interface Dependencies {
  accountSid: string
  store: MessageStore
  news: News
  requests: ApplicationRequests
  onTrouble: (error: unknown) => void
  /** How long a Gather waits for a key, in milliseconds. */
  keyWait?: number
}

export interface Calls {
  /**
   * Stores the call; it rings by itself.
   *
   * @throws TwilioError when the phone's fault says so
   */
  place(call: NewCall): Promise<Message>
  /** Presses keys during a call; `false` when nobody is on that line any more. */
  press(id: string, keys: string): boolean
  /** Goes on with what was under way when the process ended: rings again, or ends the call it cut off. */
  resume(call: Message): void
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

const KEY_WAIT = 60_000
const UNANSWERED = { busy: 'busy', 'no-answer': 'no-answer', undelivered: 'failed' } as const
/** Which callback event a status is; the three ways of not answering count as completed. */
const EVENTS: Record<string, string> = {
  initiated: 'initiated',
  ringing: 'ringing',
  'in-progress': 'answered',
}

const bodyOf = (transcript: TranscriptLine[]) =>
  transcript
    .filter(({ kind }) => kind === 'said')
    .map(({ text }) => text)
    .join(' ')

export function createCalls({
  accountSid,
  store,
  news,
  requests,
  onTrouble,
  keyWait = KEY_WAIT,
}: Dependencies): Calls {
  const underWay = new Set<Promise<void>>()
  const open = new Map<string, KeyPresses>()

  const parametersOf = ({ id, from, to, status }: Message) => ({
    AccountSid: accountSid,
    ApiVersion: API_VERSION,
    CallSid: id,
    CallStatus: status,
    Called: to,
    Caller: from,
    Direction: 'outbound-api',
    From: from,
    To: to,
  })

  /** Reports statuses in order, one after the other, without the call waiting for them. */
  function reporter({ application }: Message) {
    const {
      statusCallback,
      statusCallbackMethod = 'POST',
      statusCallbackEvents = ['completed'],
    } = application
    let count = 0
    let last = Promise.resolve()
    return {
      add(call: Message): void {
        const event = EVENTS[call.status] ?? 'completed'
        const sequenceNumber = count++
        if (!statusCallback || !statusCallbackEvents.includes(event)) return
        const seconds = String(secondsOf(call))
        const parameters = {
          ...parametersOf(call),
          CallbackSource: 'call-progress-events',
          SequenceNumber: String(sequenceNumber),
          Timestamp: new Date(now()).toUTCString().replace('GMT', '+0000'),
          ...(event === 'completed' ? { CallDuration: seconds, Duration: seconds } : {}),
        }
        last = last.then(() => requests.report(statusCallback, statusCallbackMethod, parameters))
      },
      finished: () => last,
    }
  }

  async function ring(placed: Message): Promise<void> {
    const { id, application } = placed
    const reports = reporter(placed)
    async function step(change: MessageChange, how: 'change' | 'arrive' = 'change'): Promise<Message> {
      const changed = await store[how](id, change)
      news.announce(changed)
      if (change.status) reports.add(changed)
      return changed
    }
    reports.add({ ...placed, status: 'initiated' })
    await step({ status: 'ringing' })
    const fault = faultOf(placed.to)
    if (fault && fault in UNANSWERED) {
      await step({ status: UNANSWERED[fault as keyof typeof UNANSWERED], endedAt: now() })
    } else {
      const answered = await step({ status: 'in-progress' })
      const keys = createKeyPresses()
      open.set(id, keys)
      const transcript = await converse({
        start: application.twiml
          ? { twiml: application.twiml }
          : { url: application.url ?? '', method: application.method ?? 'POST', parameters: {} },
        fetchTwiml: ({ url, method, parameters }) =>
          requests.twiml(url, method, { ...parametersOf(answered), ...parameters }),
        keys,
        keyWait,
        show: async (soFar) => void (await step({ transcript: soFar, body: bodyOf(soFar) }, 'arrive')),
        closing: news.closing,
      }).finally(() => open.delete(id))
      await step({ status: 'completed', endedAt: now(), transcript, body: bodyOf(transcript) }, 'arrive')
    }
    await reports.finished()
  }

  async function cutOff(call: Message): Promise<void> {
    const transcript: TranscriptLine[] = [
      ...call.transcript.filter(({ kind }) => kind !== 'waiting'),
      { kind: 'trouble', text: 'the line dropped when the lab restarted' },
    ]
    const reports = reporter(call)
    const ended = await store.arrive(call.id, { status: 'completed', endedAt: now(), transcript })
    news.announce(ended)
    reports.add(ended)
    await reports.finished()
  }

  function start(work: Promise<void>): void {
    // What breaks off here is unfinished in the store, and the next start resumes it.
    const call = work.catch(onTrouble).finally(() => underWay.delete(call))
    underWay.add(call)
  }

  return {
    async place({ from, to, application }) {
      if (faultOf(to) === 'carrier-down') throw new TwilioError(20503)
      const id = `CA${randomBytes(16).toString('hex')}`
      const call = await store.add({ id, channel: 'call', from, to, body: '', application })
      news.announce(call)
      start(ring(call))
      return call
    },
    press(id, keys) {
      const line = open.get(id)
      line?.press(keys)
      return line !== undefined
    },
    resume: (call) => start(call.status === 'in-progress' ? cutOff(call) : ring(call)),
    settled: async () => void (await Promise.allSettled(underWay)),
  }
}
