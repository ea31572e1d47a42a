// A process that is killed between an act with its entry and their commit: node killed.ts URL KEY

import { sqlAudit } from '@gatehouse/audit/audit'
import { openDatabase } from '@gatehouse/storage/database'

const [url = '', key = ''] = process.argv.slice(2)
const database = await openDatabase<{ things: { name: string; times: number } }>(url, 'service')
const audit = sqlAudit(database as never, Buffer.from(key, 'hex'))
await database.transaction().execute(async (transaction) => {
  await transaction.insertInto('things').values({ name: 'killed', times: 1 }).execute()
  await audit.recordIn(transaction, { event: 'thing.done', outcome: 'success', subject: 'killed' })
  process.stdout.write('recorded')
  process.kill(process.pid, 'SIGKILL')
  await new Promise(() => {})
})
