// The gateway as it runs alone, configured by its environment; the port is any that is free unless given. With
// `TELL_ACKNOWLEDGEMENTS` it tells when it sends one: from that instant on it refuses what the rules up to there name.
import { startService } from '@gatehouse/http/running-service'
import { serviceLoaders } from '@gatehouse/launcher/services'
import { listening } from './listening.ts'

if (process.env.TELL_ACKNOWLEDGEMENTS) {
  const send = globalThis.fetch
  globalThis.fetch = (input, init) => {
    if (String(input).endsWith('/revocations/acknowledgements')) {
      const { sequence } = JSON.parse(String(init?.body)) as { sequence: number }
      // The clock that all processes of a machine share.
      process.send?.({ acknowledged: sequence, at: String(process.hrtime.bigint()) })
    }
    return send(input, init)
  }
}

const { service } = await serviceLoaders.gateway()
const { app } = await startService(service, {
  ...process.env,
  HOST: '127.0.0.1',
  PORT: process.env.PORT ?? '0',
})
const { port } = app.server.address() as { port: number }
listening(`http://127.0.0.1:${port}`)
