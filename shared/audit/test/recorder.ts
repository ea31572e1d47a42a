// A process that records: node recorder.ts URL KEY ACTOR HOW-MANY

import { sqlAudit } from '@gatehouse/audit/audit'
import { openDatabase } from '@gatehouse/storage/database'

const [url = '', key = '', actor = '', many = ''] = process.argv.slice(2)
const database = await openDatabase<unknown>(url, 'service')
const audit = sqlAudit(database, Buffer.from(key, 'hex'))
const began = performance.now()
await Promise.all(
  Array.from({ length: Number(many) }, () =>
    audit.record({ event: 'thing.happened', outcome: 'success', actor }),
  ),
)
process.stdout.write(`${Math.round(performance.now() - began)} ms\n`)
await database.destroy()
