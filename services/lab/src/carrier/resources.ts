// Texts and calls as Twilio's REST API shows them, with the fields that its own client reads.

import { nationalFormat } from '../phone-numbers.ts'
import type { Message } from '../phones/messages.ts'

export const API_VERSION = '2010-04-01'

/** RFC 2822 with a numeric zone, as Twilio writes instants. */
function instant(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toUTCString().replace('GMT', '+0000')
}

// GSM 03.38 default alphabet with its extension; any other character makes a text UCS-2.
const GSM = /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Za-z[\\\]^_{|}~€£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà]*$/

function segments(body: string): number {
  const [one, several] = GSM.test(body) ? [160, 153] : [70, 67]
  return body.length <= one ? 1 : Math.ceil(body.length / several)
}

export function messageResource(message: Message, accountSid: string) {
  const uri = `/${API_VERSION}/Accounts/${accountSid}/Messages/${message.id}`
  return {
    sid: message.id,
    account_sid: accountSid,
    api_version: API_VERSION,
    body: message.body,
    date_created: instant(message.createdAt),
    date_updated: instant(message.updatedAt),
    date_sent: message.status === 'queued' ? null : instant(message.updatedAt),
    direction: 'outbound-api',
    error_code: message.errorCode,
    error_message: message.errorCode === null ? null : 'Unreachable destination handset',
    from: message.from,
    messaging_service_sid: null,
    num_media: '0',
    num_segments: String(segments(message.body)),
    price: null,
    price_unit: 'USD',
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: message.to,
    uri: `${uri}.json`,
  }
}

export function callResource(call: Message, accountSid: string) {
  const uri = `/${API_VERSION}/Accounts/${accountSid}/Calls/${call.id}`
  return {
    sid: call.id,
    account_sid: accountSid,
    answered_by: null,
    api_version: API_VERSION,
    caller_name: null,
    date_created: instant(call.createdAt),
    date_updated: instant(call.updatedAt),
    direction: 'outbound-api',
    duration: call.endedAt === null ? null : String(secondsOf(call)),
    end_time: instant(call.endedAt),
    forwarded_from: null,
    from: call.from,
    from_formatted: nationalFormat(call.from),
    group_sid: null,
    parent_call_sid: null,
    phone_number_sid: null,
    price: null,
    price_unit: 'USD',
    queue_time: '0',
    start_time: instant(call.receivedAt),
    status: call.status,
    subresource_uris: { events: `${uri}/Events.json` },
    to: call.to,
    to_formatted: nationalFormat(call.to),
    trunk_sid: null,
    uri: `${uri}.json`,
  }
}

/** How long the line was open, in seconds; 0 for a call that nobody answered. */
export function secondsOf(call: Message): number {
  if (call.status !== 'completed' || call.endedAt === null) return 0
  return Math.max(1, Math.round((call.endedAt - (call.receivedAt ?? call.createdAt)) / 1000))
}
