import type { Lang } from '@gatehouse/pages/site'
import type { Letter } from '../mail/post.ts'

export function requestLetter(cancel: string, lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Alguien pidió eliminar su cuenta',
        paragraphs: [
          'Recibimos una solicitud para eliminar su cuenta. Tras una espera de 24 horas le enviaremos otro mensaje con un enlace para confirmarlo.',
          'Si no fue usted, o encontró su método de autenticación, cancele la solicitud aquí.',
          cancel,
        ],
      }
    : {
        subject: 'Somebody asked to delete your account',
        paragraphs: [
          'We got a request to delete your account. After a wait of 24 hours we will send you another email with a link to confirm it.',
          'If it was not you, or you found your authentication method, cancel the request here.',
          cancel,
        ],
      }
}

export function grantLetter(deletion: string, cancel: string, lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Elimine su cuenta',
        paragraphs: [
          'Terminó la espera. Abra este enlace para eliminar su cuenta. El enlace vale 24 horas. Después puede crear una cuenta nueva.',
          deletion,
          'Si ya no quiere eliminarla, cancele la solicitud aquí.',
          cancel,
        ],
      }
    : {
        subject: 'Delete your account',
        paragraphs: [
          'The wait is over. Open this link to delete your account. The link works for 24 hours. You can create a new account after that.',
          deletion,
          'If you do not want to delete it any more, cancel the request here.',
          cancel,
        ],
      }
}

export function cancelledLetter(lang: Lang): Letter {
  return lang === 'es'
    ? {
        subject: 'Se canceló la solicitud de eliminar su cuenta',
        paragraphs: ['Su cuenta sigue como estaba.'],
      }
    : {
        subject: 'The request to delete your account was cancelled',
        paragraphs: ['Your account stays as it was.'],
      }
}

/** The last letter to somebody whose account is gone. */
export function deletedLetter(lang: Lang): Letter {
  return lang === 'es'
    ? { subject: 'Su cuenta se eliminó', paragraphs: ['Su cuenta y lo que contenía se eliminaron.'] }
    : { subject: 'Your account was deleted', paragraphs: ['Your account and what it held were deleted.'] }
}
