// What the pages of a second factor have in common: the heading, the three steps, the ways out.

import { form, submitButton } from '@gatehouse/pages/forms'
import type { Lang } from '@gatehouse/pages/site'
import { html } from 'ghtml'
import { type Around, backLink } from '../browser/frame.ts'
import { PATHS } from '../paths.ts'

const words = {
  en: {
    title: 'Complete your sign in',
    step: (step: number) => `Step ${step} of 3`,
    steps: 'Steps',
    done: 'completed',
    notDone: 'not completed',
    other: 'Use another method',
    out: 'Sign in with another account',
    cancel: 'Cancel',
    triesLeft: (count: number) => (count === 1 ? 'You have 1 try left.' : `You have ${count} tries left.`),
    lockNext: 'After that, your account is locked and you have to recover it.',
  },
  es: {
    title: 'Complete su inicio de sesión',
    step: (step: number) => `Paso ${step} de 3`,
    steps: 'Pasos',
    done: 'completado',
    notDone: 'no completado',
    other: 'Usar otro método',
    out: 'Iniciar sesión con otra cuenta',
    cancel: 'Cancelar',
    triesLeft: (count: number) => (count === 1 ? 'Le queda 1 intento.' : `Le quedan ${count} intentos.`),
    lockNext: 'Después, su cuenta se bloqueará y tendrá que recuperarla.',
  },
}

export interface AroundStep extends Around {
  /** Somebody who is signed in gives both factors again. */
  isAgain: boolean
}

/** 1 is the choice of a method, 2 how it is used, 3 giving it. */
export type StepNumber = 1 | 2 | 3

export function stepTitle(lang: Lang): string {
  return words[lang].title
}

/** The page's h1 with the bar of the three steps. */
export function stepHeading(lang: Lang, current: StepNumber): string {
  const say = words[lang]
  const segments = [1, 2, 3].map((step) => {
    const state = step === current ? 'current' : step < current ? 'complete' : undefined
    const told = step === current ? '' : ` ${step < current ? say.done : say.notDone}`
    const modifier = state ? ` usa-step-indicator__segment--${state}` : ''
    return html`<li class="usa-step-indicator__segment!${modifier}"!${step === current ? ' aria-current="step"' : ''}>
<span class="usa-step-indicator__segment-label"><span class="usa-sr-only">${say.step(step)}${told}</span></span></li>`
  })
  return html`<h1><span class="text-uppercase">${say.title}</span></h1>
<div class="usa-step-indicator usa-step-indicator--counters">
<ol class="usa-step-indicator__segments" aria-label="${say.steps}">!${segments}</ol>
</div>
<p class="usa-hint">${say.step(current)}</p>`
}

/** What follows the form of a step. */
export function waysOut(around: AroundStep): string {
  const { lang, base, csrf, isAgain } = around
  const say = words[lang]
  const out = isAgain
    ? html`<p><a href="${base}${PATHS.settings}">${say.cancel}</a></p>`
    : form({
        action: base + PATHS.signOut,
        csrf,
        label: say.out,
        body: submitButton(say.out, { variant: 'unstyled' }),
      })
  return html`<div class="border-top-1px border-base-lighter margin-top-4 padding-top-1">
<p><a href="${base}${PATHS.secondFactor}">${say.other}</a></p>
!${out}
!${backLink(around)}
</div>`
}

/** How many tries are left after a wrong one. */
export function triesLeftText(triesLeft: number | undefined, lang: Lang): string {
  if (triesLeft === undefined) return ''
  return `${words[lang].triesLeft(triesLeft)} ${words[lang].lockNext}`
}
