import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import type { Page } from '../browser/frame.ts'

const words = {
  en: {
    title: 'Your account',
    email: 'Email address',
    phone: 'Phone number for one-time codes',
    identity: 'Identity',
    proofed: 'Verified',
    unproofed: 'Not verified',
  },
  es: {
    title: 'Su cuenta',
    email: 'Correo electrónico',
    phone: 'Teléfono para los códigos de un solo uso',
    identity: 'Identidad',
    proofed: 'Verificada',
    unproofed: 'No verificada',
  },
}

interface AccountPage {
  lang: Lang
  base: string
  csrf: string
  email: string
  phone: string
  isProofed: boolean
}

export function accountPage({ lang, base, csrf, email, phone, isProofed }: AccountPage): Page {
  const say = words[lang]
  const facts = [
    [say.email, email],
    [say.phone, phone],
    [say.identity, isProofed ? say.proofed : say.unproofed],
  ].map(
    ([name, value]) =>
      html`<dt><strong>${name}</strong></dt><dd class="margin-left-0 margin-bottom-2">${value}</dd>`,
  )
  const main = html`<h1>${say.title}</h1><dl>!${facts}</dl>`
  return { title: say.title, main, user: { name: email, signOut: { action: `${base}/logout`, csrf } } }
}
