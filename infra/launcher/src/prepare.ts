// What the containers run once before the services: makes the files of the first start under DATA_DIR, for services at
// the addresses that the environment names.

import { serviceUrls } from '@gatehouse/http/configuration'
import { prepareFirstStart } from './first-start.ts'

const NUMBER_HOLDERS = 10_000

await prepareFirstStart({
  dataDirectory: process.env.DATA_DIR ?? 'var',
  urls: serviceUrls(process.env),
  numberHolders: NUMBER_HOLDERS,
  personaPassword: process.env.GATEHOUSE_PERSONA_PASSWORD,
})
