import type { App } from '@gatehouse/http/service'
import { html } from 'ghtml'
import { labPage } from './site.ts'

const welcomePage = (publicUrl: string) =>
  labPage({
    title: 'Welcome',
    main: html`<h1>QA desk</h1>
<p>Drive every step that needs a phone or a week of waiting, by hand or from a test.</p>
<div class="lab-cards">
<article class="lab-card"><h2 class="lab-card__title"><a href="/phones">Phones</a></h2>
<p>Every text and call, with its code, as it arrives.</p></article>
<article class="lab-card"><h2 class="lab-card__title"><a href="/mail">Mail</a></h2>
<p>Every mail that a provider sends, to any address, with links to follow.</p></article>
<article class="lab-card"><h2 class="lab-card__title"><a href="/post">Post</a></h2>
<p>Every letter on paper, with its code, on the day it is delivered.</p></article>
<article class="lab-card"><h2 class="lab-card__title"><a href="/personas">Personas</a></h2>
<p>Who to sign in as: email or username, password, phone, and what each is good for.</p></article>
<article class="lab-card"><h2 class="lab-card__title"><a href="/clock">Clock</a></h2>
<p>Move the time of every service forwards, until codes and sessions expire.</p></article>
</div>
<h2>From a test</h2>
<p>Ask where the phone stands, start what sends the code, then wait for it. The answer comes the moment the text does,
with the code already picked out:</p>
<pre class="lab-code" tabindex="0"><code>curl "${publicUrl}/phones/+12025550142/messages"
  {"messages":[],"cursor":0}

curl "${publicUrl}/phones/+12025550142/messages?after=0&amp;wait=30"
  {"messages":[{"channel":"text","code":"123456", …}],"cursor":7}</code></pre>
<p>Without a message for <code>wait</code> seconds (60 at most) the list is empty. Pass the <code>cursor</code> of one answer as
<code>after</code> of the next.</p>
<p>The same for mail, for letters, and for a question that waits for an answer on a phone. A letter box is a street and a ZIP Code:</p>
<pre class="lab-code" tabindex="0"><code>curl "${publicUrl}/mail/maria@example.com/messages?after=0&amp;wait=30"
  {"messages":[{"subject":"…","text":"…","links":["http://…"], …}],"cursor":8}

curl "${publicUrl}/post/100-example-street-21235/letters?after=0&amp;wait=30"
  {"letters":[{"subject":"…","code":"1234567","pdf":"/post/letters/….pdf", …}],"cursor":9}

curl "${publicUrl}/phones/+12025550142/approvals?after=0&amp;wait=30"
  {"approvals":[{"id":"…","question":"…","state":"pending", …}],"cursor":10}

curl -X POST "${publicUrl}/phones/+12025550142/approvals/…" \
  -H "content-type: application/json" -d '{"decision":"approve"}'</code></pre>
<p>A call that waits for a key, and the clock:</p>
<pre class="lab-code" tabindex="0"><code>curl -X POST "${publicUrl}/phones/+12025550142/calls/CA…/keys" \
  -H "content-type: application/json" -d '{"keys":"1"}'

curl -X PUT "${publicUrl}/clock" \
  -H "content-type: application/json" -d '{"advanceSeconds":600}'</code></pre>
<p>All of it: <a href="/openapi.json">openapi.json</a>.</p>`,
  })

export function addWelcome(app: App, publicUrl: string): void {
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.page(welcomePage(publicUrl)))
}
