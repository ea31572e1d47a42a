// The gateway as it runs alone, configured by its environment; the port is any that is free.
import { startService } from '@gatehouse/http/running-service'
import { serviceLoaders } from '@gatehouse/launcher/services'
import { listening } from './listening.ts'

const { service } = await serviceLoaders.gateway()
const { app } = await startService(service, { ...process.env, HOST: '127.0.0.1', PORT: '0' })
const { port } = app.server.address() as { port: number }
listening(`http://127.0.0.1:${port}`)
