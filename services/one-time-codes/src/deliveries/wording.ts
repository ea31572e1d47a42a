import type { ChallengeRow } from '../tables.ts'

type Language = ChallengeRow['language']

/**
 * The body of a text. With an origin its last line binds the code to that host (WHATWG/WICG "origin-bound one-time
 * codes"), so that browsers fill it in there and nowhere else.
 */
export function textBody(text: {
  sender: string
  code: string
  minutes: number
  language: Language
  origin: string | null
}): string {
  const { sender, code, minutes, language, origin } = text
  const sentence =
    language === 'es'
      ? `${sender}: Su código de un solo uso es ${code}. Vence en ${minutes} minutos. No comparta este código con nadie.`
      : `${sender}: Your one-time code is ${code}. It expires in ${minutes} minutes. Don't share this code with anyone.`
  return origin ? `${sentence}\n\n@${origin} #${code}` : sentence
}

/** What a call says. `es-US` and `en-US` are Twilio's names of the voices' languages. */
export const SPOKEN = {
  en: {
    language: 'en-US',
    introduction: (sender: string) => `Hello. This is ${sender}. Your one-time code is:`,
    again: 'Again, your one-time code is:',
    repeatKey: 'To hear the code again, press 1.',
    notValid: 'This one-time code is no longer valid. Please request a new one.',
    goodbye: 'Goodbye.',
  },
  es: {
    language: 'es-US',
    introduction: (sender: string) => `Hola. Le llama ${sender}. Su código de un solo uso es:`,
    again: 'De nuevo, su código de un solo uso es:',
    repeatKey: 'Para escuchar el código otra vez, marque 1.',
    notValid: 'Este código de un solo uso ya no es válido. Solicite uno nuevo.',
    goodbye: 'Adiós.',
  },
} as const
