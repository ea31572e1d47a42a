/** A length of time in words: whole hours or minutes, never less than there is. */
export function lengthOfTime(milliseconds: number): string {
  const minutes = Math.max(1, Math.ceil(milliseconds / 60_000))
  const [value, unit] = minutes >= 120 ? [Math.ceil(minutes / 60), 'hour'] : [minutes, 'minute']
  return `${value} ${unit}${value === 1 ? '' : 's'}`
}
