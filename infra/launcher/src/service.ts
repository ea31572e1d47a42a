// The program behind `npm run service -- <name>`: one service in a process of its own, configured by its environment.

import { SERVICE_NAMES, type ServiceName } from '@gatehouse/contracts/services'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { serve } from '@gatehouse/http/serve'
import { serviceLoaders } from './services.ts'

const HELP = `npm run service -- NAME      runs one service, configured by environment variables

NAME is one of: ${SERVICE_NAMES.join(', ')}
The variables of each are listed in services/NAME/README.md.
`

const [name, ...rest] = process.argv.slice(2)
if (name === '--help' || name === '-h') {
  process.stdout.write(HELP)
} else if (!isServiceName(name) || rest.length > 0) {
  const why = isServiceName(name)
    ? 'One service at a time, and no options.'
    : 'There is no service of this name.'
  process.stderr.write(name === undefined ? HELP : `${why}\n\n${HELP}`)
  process.exitCode = 2
} else {
  try {
    await serve(serviceLoaders[name])
  } catch (error) {
    const { message, code, port, stack } = error as NodeJS.ErrnoException & { port?: number }
    const known = error instanceof ConfigurationError
    const taken = code === 'EADDRINUSE' && `port ${port} (${name}) is taken by another program`
    process.stderr.write(`${taken || (known ? `${name}: ${message}` : stack)}\n`)
    process.exit(1)
  }
}

function isServiceName(text: string | undefined): text is ServiceName {
  return (SERVICE_NAMES as readonly (string | undefined)[]).includes(text)
}
