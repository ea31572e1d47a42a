// Sign-in as it runs alone, configured by its environment.
import { startService } from '@gatehouse/http/running-service'
import { serviceLoaders } from '@gatehouse/launcher/services'
import { listening } from './listening.ts'

const { service } = await serviceLoaders['sign-in']()
const { url } = await startService(service, process.env)
listening(url)
