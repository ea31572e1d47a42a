import { alert, buttonLink } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'

const words = {
  en: {
    title: { backup_code: 'Save these backup codes', personal_key: 'Save your personal key' },
    refreshed: {
      backup_code: 'You used your last backup code. These are new ones.',
      personal_key: 'You used your personal key. This is a new one.',
    },
    once: {
      backup_code: 'We show them this one time only. Keep them in a safe place: each works once.',
      personal_key: 'We show it this one time only. Keep it in a safe place: it works once.',
    },
    download: 'Download as a text file',
    continue: 'Continue',
  },
  es: {
    title: { backup_code: 'Guarde estos códigos de respaldo', personal_key: 'Guarde su clave personal' },
    refreshed: {
      backup_code: 'Usó su último código de respaldo. Estos son nuevos.',
      personal_key: 'Usó su clave personal. Esta es nueva.',
    },
    once: {
      backup_code: 'Los mostramos solo esta vez. Guárdelos en un lugar seguro: cada uno sirve una vez.',
      personal_key: 'La mostramos solo esta vez. Guárdela en un lugar seguro: sirve una vez.',
    },
    download: 'Descargar como archivo de texto',
    continue: 'Continuar',
  },
}

/** New look-up secrets, this one time. The file to download is in the page itself: nothing here keeps them. */
export function newSecretsPage({
  lang,
  kind,
  secrets,
  continueAt,
  wasUsedUp,
}: {
  lang: Lang
  kind: 'backup_code' | 'personal_key'
  secrets: string[]
  /** Address of this site. */
  continueAt: string
  /** The one before was used just now. */
  wasUsedUp: boolean
}): Page {
  const say = words[lang]
  const name = kind === 'backup_code' ? 'backup-codes.txt' : 'personal-key.txt'
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(`${secrets.join('\n')}\n`)}`
  const items = secrets.map((secret) => html`<li><code>${secret}</code></li>`)
  const shown =
    kind === 'backup_code'
      ? html`<ol class="usa-list">!${items}</ol>`
      : html`<p class="font-mono-lg text-bold">!${secrets.map((secret) => html`<code>${secret}</code>`)}</p>`
  const main = html`!${wasUsedUp ? alert({ kind: 'info', body: say.refreshed[kind] }) : ''}
<h1>${say.title[kind]}</h1>
<p>${say.once[kind]}</p>
!${shown}
<p><a href="${file}" download="${name}">${say.download}</a></p>
<p>!${buttonLink(say.continue, continueAt)}</p>`
  return { title: say.title[kind], main }
}
