/** One measured figure. `against` and `ratio` say what it is held against, in the same run, and how it compares. */
export interface Figure {
  name: string
  value: number
  unit: string
  against: string | null
  /** value / the value of what it is held against. */
  ratio: number | null
}

/** The middle value, which one noisy round does not move. */
export function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}

const rounded = (value: number) => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

/** A table for the screen. */
export function table(figures: Figure[]): string {
  const rows = figures.map(({ name, value, unit, against, ratio }) => [
    name,
    `${rounded(value).toLocaleString('en-US')} ${unit}`,
    ratio === null ? '' : `${ratio.toFixed(2)} x`,
    against ?? '',
  ])
  const all = [['figure', 'value', 'ratio', 'held against'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] as string).length)))
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        column === 1 || column === 2
          ? cell.padStart(widths[column] as number)
          : cell.padEnd(widths[column] as number),
      )
      .join('  ')
      .trimEnd()
  const [head, ...body] = all as [string[], ...string[][]]
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n')
}

/** The form that programs read, the same for every benchmark. */
export function json(figures: Figure[]): string {
  return JSON.stringify({
    figures: figures.map((figure) => ({
      ...figure,
      value: rounded(figure.value),
      ratio: figure.ratio === null ? null : Number(figure.ratio.toFixed(3)),
    })),
  })
}
