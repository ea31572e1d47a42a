// Where the pages' static files live and under which addresses they are served.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

// The package exports its stylesheets but not its package.json, so both are found from a stylesheet.
const uswdsCssUrl = import.meta.resolve('@uswds/uswds/css/uswds.min.css')
const { version } = JSON.parse(readFileSync(new URL('../../package.json', uswdsCssUrl), 'utf8')) as {
  version: string
}

/** Folder with `css`, `fonts` and `img` of USWDS. */
export const uswdsRoot = dirname(dirname(fileURLToPath(uswdsCssUrl)))
/** Holds the version, so that browsers may keep what is below it for good. */
export const uswdsPrefix = `/assets/uswds-${version}/`
export const uswdsCss = `${uswdsPrefix}css/uswds.min.css`

export const ownRoot = fileURLToPath(new URL('./assets', import.meta.url))
export const ownPrefix = '/assets/'
export const gatehouseCss = `${ownPrefix}gatehouse.css`
export const showPasswordScript = `${ownPrefix}show-password.js`
export const webAuthnScript = `${ownPrefix}webauthn.js`
