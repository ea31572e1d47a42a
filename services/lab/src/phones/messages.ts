// What a phone of the lab gets: texts and calls.

/** One thing that was said, heard or pressed in a call. */
export interface TranscriptLine {
  kind: 'said' | 'paused' | 'tones' | 'waiting' | 'pressed' | 'ended' | 'trouble'
  text: string
}

/** Where the application that sent a text or placed a call wants to be asked and told. */
export interface Application {
  /** TwiML comes from here (calls). */
  url?: string
  method?: 'GET' | 'POST'
  /** TwiML that came with the request itself (calls). */
  twiml?: string
  statusCallback?: string
  statusCallbackMethod?: 'GET' | 'POST'
  /** Which of initiated, ringing, answered and completed are reported (calls). */
  statusCallbackEvents?: string[]
}

export type Channel = 'text' | 'call'

/** A text or a call as the lab keeps it. Instants are milliseconds of the suite's clock. */
export interface Message {
  /** Twilio's SID: `SM…` or `CA…`. */
  id: string
  /** Grows with each message that is accepted. */
  sequence: number
  /** Grows with each message that reaches a phone; `null` until this one does. */
  cursor: number | null
  channel: Channel
  from: string
  to: string
  /** The text; for a call everything that was said. */
  body: string
  /** In Twilio's words: queued, sent, delivered, ringing, in-progress … */
  status: string
  errorCode: number | null
  createdAt: number
  updatedAt: number
  receivedAt: number | null
  endedAt: number | null
  application: Application
  transcript: TranscriptLine[]
}

/** What is known when a message is accepted. */
export type NewMessage = Pick<Message, 'id' | 'channel' | 'from' | 'to' | 'body' | 'application'>

/** What may change later. */
export type MessageChange = Partial<Pick<Message, 'status' | 'errorCode' | 'endedAt' | 'transcript' | 'body'>>
