import { alert, errorSummary, form, submitButton, textField } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import type { Authenticator, AuthenticatorKind } from '@gatehouse/provider/authenticators/authenticators'
import { html } from 'ghtml'
import { type Around, backLink, type Page } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'
import { maskedPhone } from '../second-factor/phone-numbers.ts'

const words = {
  en: {
    title: 'Your settings',
    continue: (name: string) => `Continue to ${name}`,
    emails: 'Email addresses',
    addEmail: 'Another email address',
    add: 'Add',
    remove: 'Remove',
    removeOf: (name: string) => `Remove ${name}`,
    identity: 'Identity',
    verified: 'Your identity is verified.',
    unverified: 'Your identity is not verified.',
    methods: 'Multi-factor authentication',
    none: 'Nothing is set up.',
    setUp: 'Set up another method',
    kinds: {
      phone: 'Text message or phone call',
      authenticator_app: 'Code Generator',
      push_app: 'Push notification',
      platform_authenticator: 'Passkey',
      security_key: 'Security Key',
      certificate: 'Certificate',
    },
    recoveryCode: 'Recovery code',
    backupCodes: (count: number) => `Backup codes: ${count} left`,
    notices: {
      added: 'It is set up.',
      removed: 'It is removed.',
      email_added: 'The address is added.',
    },
    last: 'This is your last method. Set up another one before you remove it.',
    lastEmail: 'This is your last address. Add another one before you remove it.',
    malformed: 'Enter an email address.',
    most: 'There are too many addresses. Remove one first.',
    confirmTitle: 'Add this address',
    confirm: 'Add',
  },
  es: {
    title: 'Su configuración',
    continue: (name: string) => `Continuar a ${name}`,
    emails: 'Correos electrónicos',
    addEmail: 'Otro correo electrónico',
    add: 'Añadir',
    remove: 'Quitar',
    removeOf: (name: string) => `Quitar ${name}`,
    identity: 'Identidad',
    verified: 'Su identidad está verificada.',
    unverified: 'Su identidad no está verificada.',
    methods: 'Autenticación multifactor',
    none: 'No hay nada configurado.',
    setUp: 'Configurar otro método',
    kinds: {
      phone: 'Mensaje de texto o llamada',
      authenticator_app: 'Generador de códigos',
      push_app: 'Notificación push',
      platform_authenticator: 'Llave de acceso',
      security_key: 'Llave de seguridad',
      certificate: 'Certificado',
    },
    recoveryCode: 'Código de recuperación',
    backupCodes: (count: number) => `Códigos de respaldo: quedan ${count}`,
    notices: {
      added: 'Está configurado.',
      removed: 'Se quitó.',
      email_added: 'La dirección se añadió.',
    },
    last: 'Este es su último método. Configure otro antes de quitarlo.',
    lastEmail: 'Esta es su última dirección. Añada otra antes de quitarla.',
    malformed: 'Escriba una dirección de correo electrónico.',
    most: 'Hay demasiadas direcciones. Quite una primero.',
    confirmTitle: 'Añada esta dirección',
    confirm: 'Añadir',
  },
}

export type SettingsProblem = 'last' | 'lastEmail' | 'malformed' | 'most'

export interface SettingsPage {
  emails: string[]
  isVerified: boolean
  authenticators: Authenticator[]
  hasRecoveryCode: boolean
  backupCodesLeft: number
  notice: string | undefined
  problem?: SettingsProblem
}

export function settingsPage(around: Around, given: SettingsPage): Page {
  const { lang, base, csrf, destination } = around
  const { emails, isVerified, authenticators, hasRecoveryCode, backupCodesLeft, notice, problem } = given
  const say = words[lang]
  const ofEmail = problem === 'malformed' || problem === 'most' ? say[problem] : undefined
  const known = Object.entries(say.notices).find(([kind]) => kind === notice)
  const removal = (action: string, field: string, value: string, name: string) =>
    form({
      action: base + action,
      csrf,
      label: say.removeOf(name),
      body: html`<input type="hidden" name="${field}" value="${value}">
!${submitButton(say.remove, { variant: 'unstyled' })}`,
    })
  const addresses = emails.map(
    (email) => html`<li>${email} !${removal(`${PATHS.settings}/email/remove`, 'email', email, email)}</li>`,
  )
  const methods = authenticators.map((one) => {
    const name = methodName(one, lang)
    return html`<li>${name} !${removal(`${PATHS.settings}/remove`, 'id', one.id, name)}</li>`
  })
  const paper = [
    hasRecoveryCode ? html`<li>${say.recoveryCode}</li>` : '',
    backupCodesLeft > 0 ? html`<li>${say.backupCodes(backupCodesLeft)}</li>` : '',
  ]
  const main = html`!${known ? alert({ kind: 'success', body: known[1] }) : ''}!${problem === 'last' || problem === 'lastEmail' ? alert({ kind: 'error', body: say[problem] }) : ''}!${ofEmail ? errorSummary([{ field: 'email', message: ofEmail }], lang) : ''}
<h1>${say.title}</h1>
!${destination ? html`<p><a class="usa-button" href="${base}${destination.continueAt}">${say.continue(destination.name)}</a></p>` : ''}
<h2>${say.methods}</h2>
!${methods.length > 0 ? html`<ul class="usa-list">!${methods}!${paper}</ul>` : html`<p>${say.none}</p>`}
<p><a href="${base}${PATHS.setUp}">${say.setUp}</a></p>
<h2>${say.emails}</h2>
<ul class="usa-list">!${addresses}</ul>
!${form({
    action: `${base}${PATHS.settings}/email`,
    csrf,
    label: say.addEmail,
    body: html`!${textField({
      name: 'email',
      label: say.addEmail,
      type: 'email',
      autocomplete: 'email',
      ...(ofEmail ? { error: ofEmail } : {}),
    })}
!${submitButton(say.add, { variant: 'outline' })}`,
  })}
<h2>${say.identity}</h2>
<p>${isVerified ? say.verified : say.unverified}</p>
!${backLink(around)}`
  return {
    title: say.title,
    main,
    error: problem !== undefined,
    status: problem ? 422 : 200,
    user: { name: emails[0] ?? '', signOut: { action: base + PATHS.signOut, csrf } },
  }
}

function methodName(one: Authenticator, lang: Lang): string {
  const kind = words[lang].kinds[one.kind]
  if (hasNumber(one)) return `${kind}: ${maskedPhone(one.details.number)}`
  return one.name === kind ? kind : `${kind}: ${one.name}`
}

const WITH_NUMBER: readonly AuthenticatorKind[] = ['phone', 'push_app']

function hasNumber(one: Authenticator): one is Authenticator<'phone' | 'push_app'> {
  return WITH_NUMBER.includes(one.kind)
}

export function confirmEmailPage({ lang, base, csrf }: Around, token: string, email: string): Page {
  const say = words[lang]
  const main = html`<h1>${say.confirmTitle}</h1>
<p><strong>${email}</strong></p>
!${form({
    action: `${base}${PATHS.settings}/email/link`,
    csrf,
    body: html`<input type="hidden" name="token" value="${token}">!${submitButton(say.confirm)}`,
  })}`
  return { title: say.confirmTitle, main }
}
