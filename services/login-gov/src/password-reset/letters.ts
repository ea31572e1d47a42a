import type { Lang } from '@gatehouse/pages/site'
import type { Letter } from '../mail/post.ts'

export function resetLetter(link: string, lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Restablezca su contraseña',
        paragraphs: [
          'Alguien pidió restablecer la contraseña de su cuenta. Abra este enlace para elegir otra. El enlace vale 30 minutos.',
          link,
          'Si no fue usted, no tiene que hacer nada: su contraseña sigue siendo la misma.',
        ],
      }
    : {
        subject: 'Reset your password',
        paragraphs: [
          'Somebody asked to reset the password of your account. Open this link to choose another one. The link works for 30 minutes.',
          link,
          'If it was not you, there is nothing you need to do: your password stays the same.',
        ],
      }
}

/** To an address that has no account. */
export function noAccountLetter(create: string, lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Este correo electrónico no tiene una cuenta',
        paragraphs: [
          'Alguien pidió restablecer la contraseña de una cuenta con este correo electrónico, pero no hay ninguna. Puede crear una aquí.',
          create,
        ],
      }
    : {
        subject: 'This email address has no account',
        paragraphs: [
          'Somebody asked to reset the password of an account with this email address, but there is none. You can create one here.',
          create,
        ],
      }
}

export function suspendedLetter(lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Su cuenta está suspendida',
        paragraphs: [
          'Alguien pidió restablecer su contraseña, pero su cuenta está suspendida. No puede cambiarse ahora.',
        ],
      }
    : {
        subject: 'Your account is suspended',
        paragraphs: [
          'Somebody asked to reset your password, but your account is suspended. It cannot be changed now.',
        ],
      }
}

/** After every change of the password, whoever made it (NIST SP 800-63B-4 §4.6). */
export function passwordChangedLetter(reset: string, lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Su contraseña se cambió',
        paragraphs: [
          'La contraseña de su cuenta se cambió. Las sesiones en otros navegadores se cerraron.',
          'Si no fue usted, restablézcala ahora.',
          reset,
        ],
      }
    : {
        subject: 'Your password was changed',
        paragraphs: [
          'The password of your account was changed. Sessions in other browsers were ended.',
          'If it was not you, reset it now.',
          reset,
        ],
      }
}
