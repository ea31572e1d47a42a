import { alert, buttonLink, checkbox, form, submitButton } from '@gatehouse/pages/forms'
import type { Authenticator, AuthenticatorKind } from '@gatehouse/provider/authenticators/authenticators'
import { html } from 'ghtml'
import { accountPage, METHODS_PAGE } from '../account/frame.ts'
import type { Page } from '../browser/frame.ts'
import { maskedPhone } from '../second-factor/phone-number.ts'
import { type Choice, SET_UP_PATHS } from './choice.ts'
import { choiceWords } from './choice-pages.ts'
import { nameField } from './name.ts'
import type { SetUpFrame } from './set-up-frame.ts'

const words = {
  en: {
    title: 'Your authentication methods',
    intro: 'With these you sign in, beside your password.',
    add: 'Add',
    manage: 'Manage',
    none: 'None',
    isDefault: 'default',
    codesLeft: (count: number) => (count === 1 ? '1 code left' : `${count} codes left`),
    newCodes: 'Get new codes',
    browsers: 'Remembered browsers',
    browsersIntro: 'In a browser that you let us remember you sign in with your password alone for 30 days.',
    forget: 'Forget all browsers',
    notices: {
      authenticator_added: 'The authentication method was added to your account.',
      authenticator_removed: 'The authentication method was removed from your account.',
      authenticator_changed: 'Your change was saved.',
      browsers_forgotten: 'All browsers were forgotten.',
    },
    manageTitle: (name: string) => `Manage ${name}`,
    makeDefault: 'Use this number first',
    save: 'Save',
    remove: 'Remove',
    last: 'This is the only authentication method of your account. Add another one before you remove it.',
    backToList: 'Back to your authentication methods',
  },
  es: {
    title: 'Sus métodos de autenticación',
    intro: 'Con ellos inicia sesión, además de su contraseña.',
    add: 'Añadir',
    manage: 'Administrar',
    none: 'Ninguno',
    isDefault: 'predeterminado',
    codesLeft: (count: number) => (count === 1 ? 'Queda 1 código' : `Quedan ${count} códigos`),
    newCodes: 'Obtener códigos nuevos',
    browsers: 'Navegadores recordados',
    browsersIntro:
      'En un navegador que nos permitió recordar inicia sesión solo con su contraseña durante 30 días.',
    forget: 'Olvidar todos los navegadores',
    notices: {
      authenticator_added: 'El método de autenticación se añadió a su cuenta.',
      authenticator_removed: 'El método de autenticación se eliminó de su cuenta.',
      authenticator_changed: 'Su cambio se guardó.',
      browsers_forgotten: 'Se olvidaron todos los navegadores.',
    },
    manageTitle: (name: string) => `Administrar ${name}`,
    makeDefault: 'Usar este número primero',
    save: 'Guardar',
    remove: 'Eliminar',
    last: 'Este es el único método de autenticación de su cuenta. Añada otro antes de eliminarlo.',
    backToList: 'Volver a sus métodos de autenticación',
  },
}

export type ManagementNotice = keyof (typeof words)['en']['notices']

export function isManagementNotice(kind: string | undefined): kind is ManagementNotice {
  return kind !== undefined && Object.hasOwn(words.en.notices, kind)
}

/** In the order of fact sheet 6.2, with the name that each kind has in addresses. */
export const SECTIONS: { choice: Choice; kind: AuthenticatorKind | undefined; slug: string }[] = [
  { choice: 'webauthn_platform', kind: 'platform_authenticator', slug: 'webauthn' },
  { choice: 'auth_app', kind: 'authenticator_app', slug: 'auth_app' },
  { choice: 'phone', kind: 'phone', slug: 'phone' },
  { choice: 'webauthn', kind: 'security_key', slug: 'webauthn' },
  { choice: 'piv_cac', kind: 'certificate', slug: 'piv_cac' },
  { choice: 'backup_code', kind: undefined, slug: 'backup_code' },
]

/** Phones by their number, anything else by the name that the person gave it. */
function displayName({ kind, name, details }: Authenticator): string {
  return kind === 'phone' && 'number' in details ? maskedPhone(details.number) : name
}

export function managementPage(
  frame: SetUpFrame,
  given: {
    email: string
    authenticators: Authenticator[]
    backupCodesLeft: number
    /** Kinds of which the account has as many as it can have. */
    full: AuthenticatorKind[]
    notice?: ManagementNotice
  },
): Page {
  const { lang, base, csrf } = frame
  const { email, authenticators, backupCodesLeft, full, notice } = given
  const say = words[lang]
  const sections = SECTIONS.map(({ choice, kind, slug }) => {
    const { label } = choiceWords[lang][choice]
    const own = authenticators.filter((one) => one.kind === kind)
    const items = own.map((one) => {
      const name = displayName(one)
      const isDefault = one.isDefault ? html` (${say.isDefault})` : ''
      return html`<li>${name}!${isDefault} <a href="${base}/manage/${slug}/${one.id}">${say.manage}<span class="usa-sr-only"> ${name}</span></a></li>`
    })
    const isCodes = choice === 'backup_code'
    const list = isCodes
      ? html`<p>${backupCodesLeft > 0 ? say.codesLeft(backupCodesLeft) : say.none}</p>`
      : items.length > 0
        ? html`<ul class="usa-list">!${items}</ul>`
        : html`<p>${say.none}</p>`
    const addText = isCodes && backupCodesLeft > 0 ? say.newCodes : say.add
    const add =
      kind && full.includes(kind)
        ? ''
        : html`<p><a href="${base}${SET_UP_PATHS[choice]}">${addText}<span class="usa-sr-only">: ${label}</span></a></p>`
    const removal =
      isCodes && backupCodesLeft > 0
        ? html`<p><a href="${base}/manage/backup_code">${say.manage}<span class="usa-sr-only"> ${label}</span></a></p>`
        : ''
    return html`<h2>${label}</h2>!${list}!${add}!${removal}`
  })
  const main = html`!${notice ? alert({ kind: 'success', body: say.notices[notice] }) : ''}
<h1>${say.title}</h1>
<p>${say.intro}</p>
!${sections}
<h2>${say.browsers}</h2>
<p>${say.browsersIntro}</p>
!${form({ action: `${base}/forget_all_browsers`, csrf, label: say.forget, body: submitButton(say.forget, { variant: 'outline' }) })}`
  return accountPage({ lang, base, csrf, email }, { title: say.title, main }, METHODS_PAGE)
}

/** One of them; without an authenticator it is the set of backup codes. */
export function managePage(
  frame: SetUpFrame,
  given: { authenticator?: Authenticator; place: string; isLast: boolean; isRefused: boolean },
): Page {
  const { lang, base, csrf, user } = frame
  const { authenticator, place, isLast, isRefused } = given
  const say = words[lang]
  const name = authenticator ? displayName(authenticator) : choiceWords[lang].backup_code.label
  const isPhone = authenticator?.kind === 'phone'
  const fields = isPhone
    ? checkbox({ name: 'default', label: say.makeDefault, value: 'true', checked: authenticator.isDefault })
    : nameField(lang, authenticator?.name)
  const change = authenticator
    ? form({
        action: base + place,
        csrf,
        label: say.save,
        body: html`!${fields}!${submitButton(say.save)}`,
      })
    : ''
  const removal = isLast
    ? alert({ kind: isRefused ? 'error' : 'info', body: say.last })
    : form({
        action: `${base}${place}/removal`,
        csrf,
        label: say.remove,
        body: submitButton(say.remove, { variant: 'secondary' }),
      })
  const title = say.manageTitle(name)
  const main = html`<h1>${title}</h1>
!${change}
!${removal}
<p>!${buttonLink(say.backToList, base + METHODS_PAGE, { variant: 'unstyled' })}</p>`
  return { title, main, error: isRefused, status: isRefused ? 422 : 200, ...(user ? { user } : {}) }
}
