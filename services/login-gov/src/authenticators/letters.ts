import type { Lang } from '@gatehouse/pages/site'
import type { Letter } from '../mail/post.ts'
import type { Kind } from './set-up.ts'

const words = {
  en: {
    kinds: {
      phone: 'a phone number',
      totp: 'an authentication application',
      webauthn: 'a security key',
      webauthn_platform: 'face or touch unlock',
      piv_cac: 'a government employee ID',
      backup_code: 'backup codes',
    },
    added: {
      subject: 'A new authentication method was added to your account',
      text: (kind: string) => `Somebody who is signed in to your account added ${kind} to it.`,
    },
    removed: {
      subject: 'An authentication method was removed from your account',
      text: (kind: string) => `Somebody who is signed in to your account removed ${kind} from it.`,
    },
    notYou:
      'If that was not you, reset your password and look at the authentication methods of your account.',
  },
  es: {
    kinds: {
      phone: 'un número de teléfono',
      totp: 'una aplicación de autenticación',
      webauthn: 'una llave de seguridad',
      webauthn_platform: 'el desbloqueo facial o táctil',
      piv_cac: 'una identificación de empleado del Gobierno',
      backup_code: 'códigos de respaldo',
    },
    added: {
      subject: 'Se añadió un nuevo método de autenticación a su cuenta',
      text: (kind: string) => `Alguien que inició sesión en su cuenta añadió ${kind}.`,
    },
    removed: {
      subject: 'Se eliminó un método de autenticación de su cuenta',
      text: (kind: string) => `Alguien que inició sesión en su cuenta eliminó ${kind}.`,
    },
    notYou: 'Si no fue usted, restablezca su contraseña y revise los métodos de autenticación de su cuenta.',
  },
}

/** To everybody who owns an address of the account, so that a change by somebody else does not go unseen. */
export function changeLetter(change: 'added' | 'removed', kind: Kind, lang: Lang): Letter {
  const { kinds, notYou, [change]: say } = words[lang]
  return { subject: say.subject, paragraphs: [say.text(kinds[kind]), notYou] }
}
