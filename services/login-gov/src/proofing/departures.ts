// Where proofing here is not as at Login.gov, or may not be; for `GET /about`.

import type { Departure } from '@gatehouse/provider/about/about'

const sandbox = 'facts login-gov §6.3'
const order = 'facts login-gov §6.1 step 7'

export const PROOFING_DEPARTURES: readonly Departure[] = [
  {
    kind: 'missing',
    what: 'Documents are pasted as YAML; no file is uploaded, no photo taken, and a passport is not another kind of document. Lines of the document that are left out are asked for, not made up.',
    source: sandbox,
  },
  {
    kind: 'missing',
    what: 'Codes for the phone of proofing have 6 digits by call as by text, in place of 10 by call, and wrong ones count together with those of the second factor.',
    source: sandbox,
  },
  {
    kind: 'missing',
    what: 'Nobody is verified by a letter, in person or on another device, and nobody waits for a review of fraud.',
    source: order,
  },
  {
    kind: 'missing',
    what: 'The address cannot be changed apart from the document.',
    source: order,
  },
  {
    kind: 'assumed',
    what: 'A persona is verified with an SSN of its own that does not begin with 900 or 666, and one that fails does so whatever it gives.',
    source: sandbox,
  },
  {
    kind: 'assumed',
    what: 'Of what cannot be verified five tries in six hours are allowed, over document, photo, information and phone together.',
    source: sandbox,
  },
  {
    kind: 'assumed',
    what: 'The pages of proofing, their addresses under /verify and their fields; who stops early is sent back with access_denied.',
    source: order,
  },
  {
    kind: 'assumed',
    what: 'Somebody who is verified without a face match goes through all of proofing where one is required; whoever is verified anew without one has none any more.',
    source: 'facts login-gov §2.3',
  },
  {
    kind: 'assumed',
    what: 'The same SSN may be verified for two accounts.',
    source: order,
  },
]
