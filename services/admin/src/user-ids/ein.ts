/** An EIN as the IRS writes it. */
export function einText(ein: string): string {
  return /^\d{9}$/.test(ein) ? `${ein.slice(0, 2)}-${ein.slice(2)}` : ein
}
