// Where in the history of rules this process is, and that none of it was left out: snapshots in place of all that was known, each
// further rule the next in number. Anything else breaks the history, and it is asked for anew.

import { Heartbeat, RevocationRule, Snapshot } from '@gatehouse/contracts/revocations'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import type { EventSourceMessage } from 'eventsource-parser'
import { Compile } from 'typebox/compile'
import { createRules, type Rules } from './rules.ts'

/** The stream brought something that does not follow on what is known. */
export class HistoryBroken extends Error {
  override name = 'HistoryBroken'
}

/** `epoch` names the history that sequences count in. */
export interface Position {
  readonly epoch: string
  readonly sequence: number
}

export interface History {
  /** Undefined when nothing is known of what would have to come next. */
  readonly position: Position | undefined
  readonly size: number
  revokes(claims: AccessTokenClaims): boolean
  /** Whether the rule at `position`, and with it all before, is in force. */
  reaches(position: Position): boolean
  /**
   * Applies an event of the stream. One that was applied before changes nothing.
   *
   * @returns whether rules may have been added
   * @throws HistoryBroken
   */
  take(event: EventSourceMessage): boolean
  /** Keeps the rules and forgets the position: the next thing must be a snapshot. */
  leave(): void
  /** Drops a snapshot of which the end did not come. */
  abandonSnapshot(): void
}

const isRule = Compile(RevocationRule)
const isSnapshot = Compile(Snapshot)
const isHeartbeat = Compile(Heartbeat)

export function createHistory(): History {
  let rules = createRules()
  let position: Position | undefined
  /** The snapshot that is coming in: in force all at once, with its last part. */
  let incoming: { position: Position; rules: Rules } | undefined

  function takeSnapshot(epoch: string, data: string): boolean {
    const { after, sequence, rules: part, more } = read(isSnapshot, data)
    const known = incoming?.position ?? position
    // A part reaches from `after` to `sequence`: of the history that is known already it can only be a continuation.
    const isKnown = known?.epoch === epoch
    if (isKnown && sequence < known.sequence) return false
    if (after > (isKnown ? known.sequence : 0)) throw new HistoryBroken('a part of a snapshot is missing')
    if (!isKnown) incoming = { position: { epoch, sequence: 0 }, rules: createRules() }
    const target = incoming?.rules ?? rules
    for (const rule of part) target.add(rule)
    const reached = { epoch, sequence }
    if (incoming && more) {
      incoming.position = reached
      return false
    }
    rules = target
    position = reached
    incoming = undefined
    return true
  }

  function takeRule(epoch: string, data: string): boolean {
    const rule = read(isRule, data)
    const { sequence } = following(epoch)
    if (rule.sequence <= sequence) return false
    if (rule.sequence > sequence + 1) throw new HistoryBroken('a rule is missing')
    rules.add(rule)
    position = { epoch, sequence: rule.sequence }
    return true
  }

  function takeHeartbeat(epoch: string, data: string): boolean {
    const { sequence } = read(isHeartbeat, data)
    if (sequence > following(epoch).sequence) throw new HistoryBroken('a rule is missing')
    rules.tidy()
    return false
  }

  /** The position that an event must follow on. */
  function following(epoch: string): Position {
    if (incoming) throw new HistoryBroken('a snapshot has no end')
    if (position?.epoch !== epoch) throw new HistoryBroken('another history')
    return position
  }

  return {
    get position() {
      return position
    },
    get size() {
      return rules.size
    },
    revokes: (claims) => rules.revokes(claims),
    reaches: ({ epoch, sequence }) => position?.epoch === epoch && position.sequence >= sequence,
    take({ event, id = '', data }) {
      const epoch = id.slice(0, id.lastIndexOf('.'))
      if (event === 'snapshot') return takeSnapshot(epoch, data)
      if (event === 'revocation') return takeRule(epoch, data)
      if (event === 'heartbeat') return takeHeartbeat(epoch, data)
      return false
    },
    leave() {
      position = undefined
    },
    abandonSnapshot() {
      incoming = undefined
    },
  }
}

/** What cannot be understood may be a rule, so it is no more passed over than a gap. */
function read<Event>(schema: { Check(value: unknown): value is Event }, data: string): Event {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    value = undefined
  }
  if (!schema.Check(value)) throw new HistoryBroken('an event that the contract does not have')
  return value
}
