// What happens on the line once a call is answered: the TwiML is followed and becomes a transcript. Speech and pauses
// take no time here; only a Gather waits, for the person at the phone's page.
import type { TranscriptLine } from '../phones/messages.ts'
import type { KeyPresses } from './key-presses.ts'
import { parseTwiml, TwimlError, type Verb } from './twiml.ts'

/** A call that redirects and repeats without end is ended after this many documents. */
const MAXIMUM_DOCUMENTS = 50

/** The next document: where it comes from and what it is told. */
export interface Request {
  url: string
  method: string
  /** Beside the call's own parameters: what was gathered. */
  parameters: Record<string, string>
}

interface Line {
  /** The TwiML itself, or where to get it. */
  start: { twiml: string } | Request
  fetchTwiml: (request: Request) => Promise<string>
  keys: KeyPresses
  /** How long a Gather waits for a key. Longer than Twilio does by default: people read before they press. */
  keyWait: number
  /** Resolves once the transcript so far is stored. */
  show: (transcript: TranscriptLine[]) => Promise<void>
  /** Ends the wait when the service closes; `converse` rejects then. */
  closing: AbortSignal
}

/** Follows the TwiML until the call ends; gives the whole transcript. */
export async function converse(line: Line): Promise<TranscriptLine[]> {
  const transcript: TranscriptLine[] = []
  const add = (kind: TranscriptLine['kind'], text: string) => transcript.push({ kind, text })
  let next: Request | undefined
  let twiml: string | undefined
  if ('twiml' in line.start) twiml = line.start.twiml
  else next = line.start
  let base = next?.url ?? ''

  function request(address: string | undefined, method = 'POST', parameters = {}): Request {
    const target = URL.parse(address ?? base, base || undefined)
    if (!target || !/^https?:$/.test(target.protocol)) throw new TwimlError('an address is not a valid URL')
    // What was given whole stays as it is written: the signature is over exactly that.
    const url = address && URL.canParse(address) ? address : target.href
    return { url, method: method.toUpperCase(), parameters }
  }

  function speak({ name, attributes, text }: Verb): void {
    if (name === 'Say') add('said', text)
    else if (name === 'Pause') add('paused', `${attributes.length ?? 1} s`)
    else if (name === 'Play') add('tones', attributes.digits ?? 'a recording')
    else add('trouble', `the lab's carrier does not follow <${name}>`)
  }

  async function gather({ attributes, children }: Verb): Promise<Request | undefined> {
    for (const child of children) speak(child)
    const finish = attributes.finishOnKey ?? '#'
    const wanted = Number(attributes.numDigits) || Number.POSITIVE_INFINITY
    await line.show([...transcript, { kind: 'waiting', text: 'for a key' }])
    let digits = ''
    while (digits.length < wanted) {
      const key = await line.keys.next(line.keyWait, line.closing)
      if (key === undefined || key === finish) break
      digits += key
    }
    // Without digits the document goes on after the Gather, and its action is not asked.
    if (digits === '') return
    add('pressed', digits)
    await line.show(transcript)
    return request(attributes.action, attributes.method, {
      Digits: digits,
      FinishedOnKey: digits.length < wanted ? finish : '',
    })
  }

  async function perform(verbs: Verb[]): Promise<Request | undefined> {
    for (const verb of verbs) {
      if (verb.name === 'Hangup' || verb.name === 'Reject') return
      if (verb.name === 'Redirect') return request(verb.text, verb.attributes.method)
      if (verb.name !== 'Gather') {
        speak(verb)
        continue
      }
      const action = await gather(verb)
      if (action) return action
    }
    return
  }

  try {
    for (let count = 0; ; count += 1) {
      if (count === MAXIMUM_DOCUMENTS) throw new TwimlError('the call does not come to an end')
      if (next) {
        twiml = await line.fetchTwiml(next)
        base = next.url
      }
      next = await perform(parseTwiml(twiml ?? ''))
      if (!next) break
    }
  } catch (error) {
    if (!(error instanceof TwimlError)) throw error
    add('trouble', `an application error has occurred: ${error.message}`)
  }
  add('ended', 'Call ended')
  return transcript
}
