import type { AuditHead } from '@gatehouse/contracts/audit'
import { keptTrails, trailHelp, trailOptions } from '../audit/kept-trails.ts'
import type { Command } from '../command.ts'
import { table } from '../plain-words.ts'

export const auditHead: Command = {
  summary: 'print the newest entry of each audit trail, to be kept elsewhere',
  help: `npm run gatehouse -- audit head [options]

Prints number and hash of the newest entry of each service's audit trail. Kept where nobody who can change the
databases can change it, it shows later whether the end of a trail was cut off: audit verify --heads FILE.

${trailHelp}`,
  options: trailOptions,
  async run(values) {
    const heads: Record<string, AuditHead> = {}
    for await (const kept of keptTrails(values)) {
      if ('absent' in kept) continue
      try {
        heads[kept.service] = await kept.trail.head()
      } finally {
        await kept.close()
      }
    }
    const rows = Object.entries(heads).map(([service, { sequence, hash }]) => [
      service,
      String(sequence),
      hash,
    ])
    return {
      json: { heads },
      words:
        rows.length > 0 ? table([['Service', 'Entry', 'Hash'], ...rows]) : 'There is no audit trail here.',
    }
  },
}
