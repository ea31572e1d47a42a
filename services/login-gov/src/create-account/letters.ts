import type { Lang } from '@gatehouse/pages/site'
import type { Letter } from '../mail/post.ts'

/** To an address that has no account. */
export function confirmationLetter(link: string, lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Confirme su correo electrónico',
        paragraphs: [
          'Gracias por crear una cuenta. Abra este enlace para confirmar su correo electrónico y elegir una contraseña. El enlace vale 24 horas.',
          link,
        ],
      }
    : {
        subject: 'Confirm your email address',
        paragraphs: [
          'Thank you for creating an account. Open this link to confirm your email address and to choose a password. The link works for 24 hours.',
          link,
        ],
      }
}

/** To an address that has one. */
export function alreadyLetter(signIn: string, reset: string, lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Este correo electrónico ya tiene una cuenta',
        paragraphs: [
          'Alguien quiso crear una cuenta con este correo electrónico, pero ya tiene una. Si fue usted, inicie sesión aquí.',
          signIn,
          'Si olvidó su contraseña, puede restablecerla aquí.',
          reset,
          'Si no fue usted, no tiene que hacer nada.',
        ],
      }
    : {
        subject: 'This email address has an account already',
        paragraphs: [
          'Somebody asked to create an account with this email address, but it has one already. If it was you, sign in here.',
          signIn,
          'If you forgot your password, you can reset it here.',
          reset,
          'If it was not you, there is nothing you need to do.',
        ],
      }
}
