// The scripted stream in a process of its own, so that it can be stopped and killed. Begins with the history it is given.
import { type ScriptedStream, startScriptedStream } from '@gatehouse/revocations/scripted-stream'

type History = ReturnType<ScriptedStream['history']>

const { history, port } = JSON.parse(process.argv[2] ?? '{}') as { history?: History; port?: number }
const stream = await startScriptedStream({
  ...(history ? { history } : {}),
  ...(port === undefined ? {} : { port }),
})

process.on('message', (sid: string) => {
  stream.revoke([{ by: 'session', value: sid }])
  process.send?.({ history: stream.history() })
})
process.on('disconnect', () => process.exit())
process.send?.({ origin: stream.origin, history: stream.history() })
