// A real browser out of the npm registry. Nothing of the machine is used but the C library: shared objects and a font
// come with the browser.

import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'

const inPackage = (path: string) => new URL(path, import.meta.resolve('@sparticuz/chromium'))
const CACHE = fileURLToPath(inPackage('../../../../.cache/gatehouse/'))

/** A running browser, or why there is none. */
export type Chromium = { browser: Browser } | { missing: string }

/** Starts a headless Chromium, or says why there is none, in words that the test runner knows: "not found". */
export async function launchChromium(): Promise<Chromium> {
  try {
    const folder = await unpacked()
    const browser = await playwright.launch({
      executablePath: join(folder, 'chromium'),
      args: [
        '--no-sandbox',
        // A process for every origin protects from sites that are not ours, and made each step to another service slow.
        '--disable-site-isolation-trials',
        // Nothing but this machine is ever asked for, whatever the browser would like to know.
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
        '--no-pings',
        '--disable-domain-reliability',
        '--font-render-hinting=none',
      ],
      env: {
        ...process.env,
        LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
        FONTCONFIG_FILE: join(folder, 'fonts.conf'),
      },
      timeout: 30_000,
    })
    return { browser }
  } catch (error) {
    const [firstLine] = (error as Error).message.split('\n')
    return { missing: `a Chromium that starts was not found: ${firstLine}` }
  }
}

/** The folder with the unpacked browser. It appears whole or not at all, even if several processes want it at once. */
async function unpacked(): Promise<string> {
  const { version } = JSON.parse(await readFile(inPackage('../../package.json'), 'utf8'))
  const folder = join(CACHE, `chromium-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(CACHE, { recursive: true })
  const staging = await mkdtemp(`${folder}-`)
  try {
    await unpackInto(staging)
    await writeFile(
      join(staging, 'fonts.conf'),
      `<?xml version="1.0"?><fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>${folder}/fonts</dir><cachedir>${tmpdir()}/gatehouse-fonts</cachedir></fontconfig>\n`,
    )
    await rename(staging, folder)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}

/** The package unpacks into the folder for temporary files, and its shared objects only where it runs as on Lambda. */
async function unpackInto(folder: string): Promise<void> {
  const given = { TMPDIR: process.env.TMPDIR, AWS_LAMBDA_JS_RUNTIME: process.env.AWS_LAMBDA_JS_RUNTIME }
  Object.assign(process.env, { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' })
  try {
    await chromium.executablePath()
  } finally {
    for (const [name, value] of Object.entries(given)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
