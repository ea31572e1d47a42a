// What a call says, in TwiML. The verbs used here: Gather, Say, Pause, Hangup.

import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'
import type { ChallengeRow } from '../tables.ts'
import { SPOKEN } from './wording.ts'

type Language = ChallengeRow['language']

/** The code twice, a second between its digits; while there are repeats left, key 1 asks `keysUrl` for another. */
export function spokenCode(spoken: {
  sender: string
  code: string
  language: Language
  repeatsLeft: number
  keysUrl: string
}): string {
  const words = SPOKEN[spoken.language]
  const voice = { language: words.language }
  const response = new VoiceResponse()
  // Inside Gather a key is heard at any time, also while the code is being spoken.
  const speech =
    spoken.repeatsLeft > 0
      ? response.gather({ numDigits: 1, action: spoken.keysUrl, method: 'POST', timeout: 10 })
      : response
  for (const introduction of [words.introduction(spoken.sender), words.again]) {
    speech.say(voice, introduction)
    for (const digit of spoken.code) {
      speech.say(voice, digit)
      speech.pause({ length: 1 })
    }
  }
  if (spoken.repeatsLeft > 0) speech.say(voice, words.repeatKey)
  response.say(voice, words.goodbye)
  response.hangup()
  return response.toString()
}

/** The end of a call without a code. */
export function spokenEnd(language: Language, ending: 'notValid' | 'goodbye'): string {
  const words = SPOKEN[language]
  const response = new VoiceResponse()
  response.say({ language: words.language }, words[ending])
  response.hangup()
  return response.toString()
}
