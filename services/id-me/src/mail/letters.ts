// What ID.me writes to people.

import type { Mail } from '@gatehouse/contracts/lab'
import type { Lang } from '@gatehouse/pages/site'
import { timeLeft } from '../browser/frame.ts'
import { SITE } from '../site.ts'

interface Letter {
  subject: string
  /** Paragraphs before and after the link. */
  before: string
  after?: string
}

const words = {
  en: {
    recovery: (left: string): Letter => ({
      subject: 'Your account is locked',
      before:
        'Somebody failed to sign in to your account too many times. If it was you, confirm your address:',
      after: `The link works for ${left}. If it was not you, do nothing, and consider another password.`,
    }),
    passwordReset: (left: string): Letter => ({
      subject: 'Reset your password',
      before: 'Choose a new password here:',
      after: `The link works for ${left}. If you did not ask for it, do nothing.`,
    }),
    registration: (left: string): Letter => ({
      subject: 'Confirm your email address',
      before: 'Go on to create your account here:',
      after: `The link works for ${left}. If you did not ask for it, do nothing.`,
    }),
    alreadyRegistered: (): Letter => ({
      subject: 'You already have an account',
      before: 'Somebody wanted to create an account with this address, but there is one. Sign in here:',
    }),
    noAccount: (): Letter => ({
      subject: 'There is no account with your address',
      before: 'Somebody wanted to sign in with this address, but it has no account. Create one here:',
      after: 'If it was not you, do nothing.',
    }),
    newEmail: (left: string): Letter => ({
      subject: 'Confirm your email address',
      before: 'Add this address to your account here:',
      after: `The link works for ${left}. If you did not ask for it, do nothing.`,
    }),
    changed: (): Letter => ({
      subject: 'The security settings of your account changed',
      before: 'If it was not you, sign in and change your password:',
    }),
    passwordChanged: (): Letter => ({
      subject: 'Your password changed',
      before: 'If it was not you, choose a new password:',
    }),
  },
  es: {
    recovery: (left: string): Letter => ({
      subject: 'Su cuenta está bloqueada',
      before:
        'Alguien falló demasiadas veces al iniciar sesión en su cuenta. Si fue usted, confirme su dirección:',
      after: `El enlace sirve durante ${left}. Si no fue usted, no haga nada y considere cambiar su contraseña.`,
    }),
    passwordReset: (left: string): Letter => ({
      subject: 'Restablezca su contraseña',
      before: 'Elija una contraseña nueva aquí:',
      after: `El enlace sirve durante ${left}. Si no lo solicitó, no haga nada.`,
    }),
    registration: (left: string): Letter => ({
      subject: 'Confirme su correo electrónico',
      before: 'Continúe creando su cuenta aquí:',
      after: `El enlace sirve durante ${left}. Si no lo solicitó, no haga nada.`,
    }),
    alreadyRegistered: (): Letter => ({
      subject: 'Ya tiene una cuenta',
      before: 'Alguien quiso crear una cuenta con esta dirección, pero ya existe. Inicie sesión aquí:',
    }),
    noAccount: (): Letter => ({
      subject: 'No hay ninguna cuenta con su dirección',
      before: 'Alguien quiso iniciar sesión con esta dirección, pero no tiene ninguna cuenta. Cree una aquí:',
      after: 'Si no fue usted, no haga nada.',
    }),
    newEmail: (left: string): Letter => ({
      subject: 'Confirme su correo electrónico',
      before: 'Añada esta dirección a su cuenta aquí:',
      after: `El enlace sirve durante ${left}. Si no lo solicitó, no haga nada.`,
    }),
    changed: (): Letter => ({
      subject: 'Cambió la configuración de seguridad de su cuenta',
      before: 'Si no fue usted, inicie sesión y cambie su contraseña:',
    }),
    passwordChanged: (): Letter => ({
      subject: 'Su contraseña cambió',
      before: 'Si no fue usted, elija una contraseña nueva:',
    }),
  },
}

export type LetterKind = keyof (typeof words)['en']

export interface Letters {
  /**
   * @param link path and query of this service, without language prefix
   * @param lifetimeMs how long the link works, where it ends
   * @throws CallFailed when no mail can be sent now
   */
  send(kind: LetterKind, to: string, lang: Lang, link: string, lifetimeMs?: number): Promise<void>
}

export function createLetters(mail: Mail, publicUrl: string): Letters {
  return {
    async send(kind, to, lang, link, lifetimeMs = 0) {
      const { subject, before, after } = words[lang][kind](timeLeft(lifetimeMs, lang))
      const { origin } = new URL(publicUrl)
      // The page behind the link speaks the language of the mail.
      const address = origin + (lang === 'en' ? '' : `/${lang}`) + link
      const text = [before, address, ...(after ? [after] : [])].join('\n\n')
      await mail.send({ from: SITE.name, to, subject, text })
    },
  }
}
