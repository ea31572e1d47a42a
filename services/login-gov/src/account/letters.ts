import type { Lang } from '@gatehouse/pages/site'
import type { Letter } from '../mail/post.ts'

/** To the address that is to be added. */
export function confirmAddedLetter(link: string, lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Confirme su correo electrónico',
        paragraphs: [
          'Alguien quiere agregar este correo electrónico a su cuenta. Abra este enlace para confirmarlo. El enlace vale 24 horas.',
          link,
          'Si no fue usted, no tiene que hacer nada.',
        ],
      }
    : {
        subject: 'Confirm your email address',
        paragraphs: [
          'Somebody wants to add this email address to their account. Open this link to confirm it. The link works for 24 hours.',
          link,
          'If it was not you, there is nothing you need to do.',
        ],
      }
}

/** To an address that is to be added and has an account of its own. */
export function addressTakenLetter(lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Este correo electrónico ya tiene una cuenta',
        paragraphs: [
          'Alguien quiso agregar este correo electrónico a otra cuenta. No se puede: pertenece a la suya. No tiene que hacer nada.',
        ],
      }
    : {
        subject: 'This email address has an account already',
        paragraphs: [
          'Somebody wanted to add this email address to another account. That cannot be done: it belongs to yours. There is nothing you need to do.',
        ],
      }
}

/** To every address of the account, the one that goes among them. */
export function emailsChangedLetter(change: 'added' | 'deleted', account: string, lang: Lang): Letter {
  const subjects = {
    en: {
      added: 'An email address was added to your account',
      deleted: 'An email address was deleted from your account',
    },
    es: {
      added: 'Se agregó un correo electrónico a su cuenta',
      deleted: 'Se eliminó un correo electrónico de su cuenta',
    },
  }
  const why =
    lang === 'es'
      ? 'Si no fue usted, cambie su contraseña y revise su cuenta.'
      : 'If it was not you, change your password and look through your account.'
  return { subject: subjects[lang][change], paragraphs: [why, account] }
}
