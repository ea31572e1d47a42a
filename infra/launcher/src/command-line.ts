import { parseArgs } from 'node:util'
import { DEFAULT_PORT_BASE, readPortBase } from './addresses.ts'

export const HELP = `npm start                    runs the whole suite in one process
npm start -- [options]

  --port-base N   sign-in listens on port N, the other services on N+1 and so on (default ${DEFAULT_PORT_BASE})
  --data DIR      where databases, keys, passwords and the log are kept (default var)
  --reset         start over: empties that folder first
  --json          for scripts: one line of JSON when everything is ready, and nothing else
  --help          this text

Environment, at the first start and after --reset:
  GATEHOUSE_PERSONA_PASSWORD    one password for every persona, instead of one made for each
Environment, at every start:
  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM    send through Twilio itself, not to the lab's phones
  LOG_LEVEL                     info unless given
`

export interface Options {
  portBase: number
  dataDirectory: string
  reset: boolean
  json: boolean
  help: boolean
}

/** A command line that cannot be understood. The message is for whoever typed it. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(args: string[]): Options {
  try {
    const { values } = parseArgs({
      args,
      options: {
        'port-base': { type: 'string', default: String(DEFAULT_PORT_BASE) },
        data: { type: 'string', default: 'var' },
        reset: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    return {
      portBase: readPortBase(values['port-base']),
      dataDirectory: values.data,
      reset: values.reset,
      json: values.json,
      help: values.help,
    }
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
