import type { Lang } from '@gatehouse/pages/site'

/** An address of this site for a letter, in the language of the letter. */
export type Link = (path: string, lang: Lang, parameters?: Record<string, string>) => string

export function createLink(publicUrl: string): Link {
  return (path, lang, parameters) => {
    const query = parameters ? `?${new URLSearchParams(parameters)}` : ''
    return `${publicUrl}${lang === 'es' ? '/es' : ''}${path}${query}`
  }
}
