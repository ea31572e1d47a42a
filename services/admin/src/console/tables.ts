// Tables and lists of facts. On a narrow screen a row becomes a block whose cells carry their column's name.

import { html } from 'ghtml'

interface Column {
  text: string
  /** Numbers stand at the right. */
  isNumber?: boolean
}

export interface TableOptions {
  caption: string
  /** Keeps the caption for screen readers, where a heading says the same. */
  hideCaption?: boolean
  columns: (string | Column)[]
  /** Trusted HTML; the first cell names the row. */
  rows: string[][]
  /** Narrow columns of one width and a wide last one, whatever is in them: for long ids. */
  isFixed?: boolean
  /** What is said instead of an empty table. */
  empty: string
}

export function table({ caption, hideCaption = true, isFixed, columns, rows, empty }: TableOptions): string {
  if (rows.length === 0) return html`<p>${empty}</p>`
  const heads = columns.map((column) => (typeof column === 'string' ? { text: column } : column))
  const head = heads.map(
    ({ text, isNumber }) => html`<th scope="col"!${isNumber ? ' class="admin-number"' : ''}>${text}</th>`,
  )
  const body = rows.map((cells) => {
    const shown = cells.map((cell, index) => {
      const { text = '', isNumber } = heads[index] ?? {}
      const tag = index === 0 ? 'th scope="row"' : 'td'
      const end = index === 0 ? 'th' : 'td'
      return html`<!${tag} data-label="${text}"!${isNumber ? ' class="admin-number"' : ''}>!${cell}</!${end}>`
    })
    return html`<tr>!${shown}</tr>`
  })
  return html`<table class="usa-table usa-table--borderless usa-table--stacked admin-table!${isFixed ? ' admin-table--fixed' : ''}">
<caption!${hideCaption ? ' class="usa-sr-only"' : ''}>${caption}</caption>
<thead><tr>!${head}</tr></thead>
<tbody>!${body}</tbody></table>`
}

/** Names and what they are; those without any are left out. The second of each is trusted HTML. */
export function factList(facts: ([string, string] | undefined)[]): string {
  const items = facts.map((fact) =>
    fact === undefined ? '' : html`<div><dt>${fact[0]}</dt><dd>!${fact[1]}</dd></div>`,
  )
  return html`<dl class="admin-facts">!${items}</dl>`
}

/** To the page after this one, and back to the first. */
export function pager(
  path: string,
  query: Record<string, string | undefined>,
  next: string | undefined,
): string {
  const { cursor, ...rest } = query
  const first = cursor ? html`<li><a href="${address(path, rest)}">First page</a></li>` : ''
  const following = next
    ? html`<li><a href="${address(path, { ...rest, cursor: next })}">Next page</a></li>`
    : ''
  return first || following
    ? html`<nav aria-label="Pages of this list"><ul class="admin-pager">!${first}!${following}</ul></nav>`
    : ''
}

/** A path with those of the values that are given. */
export function address(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as [string, string]],
  )
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path
}

export function code(text: string): string {
  return html`<code class="admin-code">${text}</code>`
}

/** A state in a word, with a colour that says no more than the word. */
export function tag(text: string, kind: 'good' | 'bad' | 'open' | 'quiet'): string {
  return html`<span class="usa-tag admin-tag admin-tag--!${kind}">${text}</span>`
}

export function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`
}
