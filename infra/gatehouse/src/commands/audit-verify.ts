import { readFile } from 'node:fs/promises'
import { AuditHead, type AuditVerification, type BrokenEntry } from '@gatehouse/contracts/audit'
import type { ServiceName } from '@gatehouse/contracts/services'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { keptTrails, trailHelp, trailOptions } from '../audit/kept-trails.ts'
import { type Command, CommandFailure, text, type Values } from '../command.ts'
import { table } from '../plain-words.ts'

type Verdict =
  | ({ service: ServiceName } & AuditVerification)
  | { service: ServiceName; entries: 0; intact: boolean; absent: string }

const PROBLEMS: Record<BrokenEntry['problem'], string> = {
  changed: 'is not what was recorded',
  missing: 'is missing',
  misplaced: 'does not follow the entry before it',
  unexpected: 'comes after the last entry that the head knows of',
}

const Heads = Type.Object({ heads: Type.Record(Type.String(), AuditHead) })

export const auditVerify: Command = {
  summary: 'check that nobody changed the audit trails',
  help: `npm run gatehouse -- audit verify [options]

Walks the chain of every service's audit trail, from the first entry to the last, and names the first entry of each
that was changed, taken out or put in. Exit status 1 if there is one.

  --heads FILE    what "audit head --json" printed earlier: also finds a trail whose end was cut off
${trailHelp}`,
  options: { heads: { type: 'string' }, ...trailOptions },
  async run(values) {
    const remembered = await headsOf(values)
    const verdicts: Verdict[] = []
    for await (const kept of keptTrails(values)) {
      const { service } = kept
      const head = remembered[service]
      if ('absent' in kept) {
        const intact = kept.absent !== 'database missing' && !head?.sequence
        verdicts.push({ service, entries: 0, intact, absent: kept.absent })
        continue
      }
      try {
        verdicts.push({ service, ...(await kept.trail.verify({ remembered: head })) })
      } finally {
        await kept.close()
      }
    }
    const broken = verdicts.filter(({ intact }) => !intact)
    const rows = verdicts.map((verdict) => [verdict.service, String(verdict.entries), words(verdict)])
    const sum =
      broken.length === 0
        ? 'Every audit trail is what was recorded.'
        : `Broken: ${broken.map(({ service }) => service).join(', ')}.`
    return {
      json: { intact: broken.length === 0, services: verdicts },
      words: `${table([['Service', 'Entries', 'Result'], ...rows])}\n\n${sum}`,
      status: broken.length === 0 ? 0 : 1,
    }
  },
}

function words(verdict: Verdict): string {
  if ('absent' in verdict) return verdict.intact ? verdict.absent : `BROKEN: ${verdict.absent}`
  if (!verdict.firstBroken) return 'intact'
  const { sequence, problem } = verdict.firstBroken
  return `BROKEN: entry ${sequence} ${PROBLEMS[problem]}`
}

async function headsOf(values: Values): Promise<Partial<Record<string, AuditHead>>> {
  const path = text(values, 'heads')
  if (path === undefined) return {}
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, 'utf8'))
  } catch {
    throw new CommandFailure(`${path} cannot be read as JSON`)
  }
  if (Value.Check(Heads, content)) return content.heads
  throw new CommandFailure(`${path} is not what "audit head --json" prints`)
}
