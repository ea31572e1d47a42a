// Letters to people, by way of the lab's mail tray.

import type { Mail } from '@gatehouse/contracts/lab'
import type { Lang } from '@gatehouse/pages/site'

export interface Letter {
  subject: string
  /** A link is a paragraph of its own: an absolute address and nothing else. */
  paragraphs: string[]
}

export interface Post {
  /**
   * Sends one letter to each address.
   *
   * @throws CallFailed while the mail tray cannot be reached
   */
  send(to: string | readonly string[], letter: Letter, lang: Lang): Promise<void>
  /** The same about something that is done already: that the letter cannot be sent does not undo it. */
  notify(to: string | readonly string[], letter: Letter, lang: Lang): Promise<void>
}

const SENDER = 'Login.gov'

const words = {
  en: 'This letter comes from a test system. Please do not answer it.',
  es: 'Este mensaje proviene de un sistema de prueba. Por favor, no lo responda.',
}

/** @param failed told why a letter about something that is done could not be sent */
export function createPost(mail: Mail, failed: (error: unknown) => void): Post {
  return {
    async notify(to, letter, lang) {
      await this.send(to, letter, lang).catch(failed)
    },
    async send(to, { subject, paragraphs }, lang) {
      const text = [...paragraphs, words[lang]].join('\n\n')
      for (const address of [to].flat()) await mail.send({ from: SENDER, to: address, subject, text })
    },
  }
}
