// The page that says where a mock is not the provider itself. Its table is what the provider's tests run against.

import type { App } from '@gatehouse/http/service'
import { layout } from '@gatehouse/pages/layout'
import type { Site } from '@gatehouse/pages/site'
import { html } from 'ghtml'

/** Something in which the mock differs from the provider, or may. */
export interface Departure {
  /** `missing`: the provider has it, the mock does not. `assumed`: nobody told what the provider does there. */
  kind: 'missing' | 'assumed'
  /** A sentence for a developer of a relying service. */
  what: string
  /** Where the provider's own behaviour is written down, or should be: a section of its fact sheet. */
  source: string
  /** A request that shows it, and the status it is answered with. */
  probe?: { method: string; path: string; status: number }
}

export interface About {
  site: Site
  departures: readonly Departure[]
  /** What relying services speak with the mock, such as `OpenID Connect 1.0 with private_key_jwt`. */
  wire: string
}

/** Adds `GET /about`; pages must be registered. */
export function addAbout(app: App, about: About): void {
  app.get('/about', { schema: { hide: true } }, async (_request, reply) => reply.page(aboutPage(about)))
}

function aboutPage({ site, departures, wire }: About): string {
  const title = `About this mock of ${site.name}`
  const ofKind = (kind: Departure['kind']) => departures.filter((departure) => departure.kind === kind)
  return layout({
    site,
    title,
    width: 'wide',
    main: html`<h1>${title}</h1>
<p>It is for testing: nobody here is real, and nothing leaves it. Relying services meet ${wire}. What follows is all we
know of in which it is not, or may not be, as ${site.name} itself.</p>
!${table('missing', 'What it does not do', 'Nothing that we know of is missing.', ofKind('missing'))}
!${table('assumed', 'What is assumed', 'Nothing is assumed.', ofKind('assumed'))}`,
  })
}

function table(id: string, heading: string, none: string, departures: Departure[]): string {
  if (departures.length === 0) return html`<h2 id="${id}">${heading}</h2><p>${none}</p>`
  const rows = departures.map(
    ({ what, source, probe }) =>
      html`<tr><td data-label="What">${what}!${shown(probe)}</td><td data-label="Source">${source}</td></tr>`,
  )
  return html`<h2 id="${id}">${heading}</h2>
<table class="usa-table usa-table--stacked" aria-labelledby="${id}">
<thead><tr><th scope="col">What</th><th scope="col">Source</th></tr></thead>
<tbody>!${rows}</tbody></table>`
}

/** The request that shows it, on a line of its own. */
function shown(probe: Departure['probe']): string {
  return probe ? html`<br><code>${probe.method} ${probe.path}</code>: ${String(probe.status)}` : ''
}
