import type { Lang } from '@gatehouse/pages/site'

const UNITS = [
  { ms: 86_400_000, from: 2, en: 'day', es: 'día' },
  { ms: 3_600_000, from: 2, en: 'hour', es: 'hora' },
  { ms: 60_000, from: 1, en: 'minute', es: 'minuto' },
  { ms: 1_000, from: 0, en: 'second', es: 'segundo' },
]

/** A time to wait, in words, in the largest unit that still says how long; never less than there is to wait. */
export function timeLeft(milliseconds: number, lang: Lang): string {
  const left = Math.max(1_000, Math.ceil(milliseconds / 1_000) * 1_000)
  const unit = UNITS.find(({ ms, from }) => left >= ms * from) as (typeof UNITS)[number]
  const value = Math.ceil(left / unit.ms)
  return `${value} ${unit[lang]}${value === 1 ? '' : 's'}`
}
