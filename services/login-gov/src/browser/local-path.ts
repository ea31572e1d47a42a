import { LOCALES } from './language.ts'

/**
 * An address that a form brought back, as a path of this site without language prefix.
 *
 * @returns nothing for whatever leads elsewhere
 */
export function localPath(address: string | undefined): string | undefined {
  // A second slash of either kind would make it another host's.
  if (!address || address.length > 4_000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(address)) return undefined
  const prefixes = LOCALES.map((locale) => `/${locale}`)
  const prefix = prefixes.find((one) => address === one || address.startsWith(`${one}/`))
  const bare = prefix ? address.slice(prefix.length) || '/' : address
  return /^\/(?![/\\])/.test(bare) ? bare : undefined
}
