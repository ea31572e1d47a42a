import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { relativeImportsAcrossWorkspaces } from '../src/workspace-borders.ts'
import { temporaryTree } from './temporary-tree.ts'

const repository = fileURLToPath(new URL('../../../', import.meta.url))

const rules: { says: string; file: string; line: string; rule: string; butFineIn?: string }[] = [
  {
    says: 'a service does not import another service',
    file: 'services/terms/src/attest.ts',
    line: `export { a } from '@gatehouse/service-bso/service'`,
    rule: 'noRestrictedImports',
    butFineIn: 'infra/launcher/src/start.ts',
  },
  {
    says: 'a service does not import another service in passing',
    file: 'services/terms/test/attest.test.ts',
    line: `export const a = import('@gatehouse/service-bso/service')`,
    rule: 'noRestrictedImports',
  },
  {
    says: 'a service does not import types of another service',
    file: 'services/terms/src/attest.ts',
    line: `export type { A } from '@gatehouse/service-bso/service'`,
    rule: 'noRestrictedImports',
  },
  {
    says: 'a service does not import infra',
    file: 'services/terms/src/attest.ts',
    line: `export { a } from '@gatehouse/launcher/main'`,
    rule: 'noRestrictedImports',
    butFineIn: 'shared/testkit/src/start.ts',
  },
  {
    says: 'shared does not import a service',
    file: 'shared/http/src/serve.ts',
    line: `export { a } from '@gatehouse/service-bso/service'`,
    rule: 'noRestrictedImports',
  },
  {
    says: 'the test kit does not import a service either',
    file: 'shared/testkit/src/start.ts',
    line: `export { a } from '@gatehouse/service-bso/service'`,
    rule: 'noRestrictedImports',
  },
  {
    says: 'shared does not import infra',
    file: 'shared/http/src/serve.ts',
    line: `export { a } from '@gatehouse/numident/generator'`,
    rule: 'noRestrictedImports',
    butFineIn: 'infra/journeys/src/a.ts',
  },
  {
    says: 'of infra, only the launcher imports a service',
    file: 'infra/bench/src/proxy.ts',
    line: `export { a } from '@gatehouse/service-gateway/service'`,
    rule: 'noRestrictedImports',
    butFineIn: 'infra/launcher/src/start.ts',
  },
  {
    says: 'only an entry file reads the environment',
    file: 'services/terms/src/attest.ts',
    line: 'export const port = process.env.PORT',
    rule: 'noProcessEnv',
    butFineIn: 'services/terms/src/main.ts',
  },
  {
    says: 'a service logs through its logger',
    file: 'services/terms/src/attest.ts',
    line: `console.log('attested')`,
    rule: 'noConsole',
    butFineIn: 'services/terms/src/main.ts',
  },
  ...['Date.now()', 'new Date()', '[].map(Date.now)'].map((expression) => ({
    says: `the time comes from the clock, not from ${expression}`,
    file: 'services/terms/test/attest.test.ts',
    line: `export const at = ${expression}`,
    rule: 'plugin',
    butFineIn: 'shared/clock/src/clock.ts',
  })),
  {
    says: 'a promise is awaited or passed on',
    file: 'services/terms/src/attest.ts',
    line: 'export async function a() {}\nexport function b() {\n  a()\n}',
    rule: 'noFloatingPromises',
  },
]

for (const { says, file, line, rule, butFineIn } of rules) {
  test(butFineIn ? `${says}, which is fine in ${butFineIn}` : says, (t) => {
    const found = lint(t, { [file]: line, ...(butFineIn ? { [butFineIn]: line } : {}) })
    assert.match(found, new RegExp(`${file}:\\d+:\\d+ (lint/\\w+/)?${rule}\\b`))
    if (butFineIn) assert.equal(found.includes(butFineIn), false)
  })
}

test('what moves the clock stays the first import, however the others are sorted', (t) => {
  const file = 'services/terms/test/attest.test.ts'
  const imports = [
    `import { advanceClock } from '@gatehouse/clock/shifted-date'`,
    `import { test } from 'node:test'`,
    `import { jwtVerify } from 'jose'`,
  ]
  const use = `test('a', () => advanceClock(jwtVerify.length))`
  assert.equal(lint(t, { [file]: `${imports.join('\n')}\n\n${use}` }), '')
})

test('a relative import does not leave its workspace, however it is written', (t) => {
  // Put together here, or these lines would be taken for imports of this file.
  const up = '../'
  const root = temporaryTree(t, {
    'services/terms/src/pages/form.ts': [
      `import { a } from '../attest.ts'`,
      `import { b } from '${up}${up}test/fixture.ts'`,
      `import { c } from '${up}${up}${up}bso/src/menu.ts'`,
      `import '${up}${up}${up}${up}shared/http/src/serve.ts'`,
      `export * from "${up}${up}${up}terms/src/attest.ts"`,
      `const d = await import('${up}${up}${up}bso/src/' + name)`,
    ].join('\n'),
    'shared/http/test/serve.test.ts': `import type { A } from '${up}${up}${up}infra/launcher/src/a.ts'`,
  })
  assert.deepEqual(
    relativeImportsAcrossWorkspaces(root).map(({ file, line }) => `${file}:${line}`),
    [
      'services/terms/src/pages/form.ts:3',
      'services/terms/src/pages/form.ts:4',
      'services/terms/src/pages/form.ts:6',
      'shared/http/test/serve.test.ts:1',
    ],
  )
})

test('biome.json names every workspace of infra where it forbids infra', () => {
  const configuration = readFileSync(join(repository, 'biome.json'), 'utf8')
  const group = /@gatehouse\/\{([\w,-]+)\}"/.exec(configuration)?.[1]?.split(',')
  assert.deepEqual(group, namesOfWorkspacesIn('infra'))
})

/** The names, without scope, of the workspaces in a folder. */
function namesOfWorkspacesIn(folder: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8'))
  return Object.entries<{ name?: string }>(packages)
    .filter(([path]) => path.startsWith(`${folder}/`))
    .map(([, { name = '' }]) => name.replace('@gatehouse/', ''))
    .sort()
}

/** What `biome ci` with the repository's own configuration says of these files, '' when it is content. */
function lint(t: TestContext, sources: Record<string, string>): string {
  const files = Object.entries(sources).map(([path, text]) => [path, `${text}\n`])
  const root = temporaryTree(t, { ...Object.fromEntries(files), '.gitignore': 'node_modules\n' })
  for (const path of ['biome.json', 'infra/bootstrap/ask-the-clock.grit']) {
    cpSync(join(repository, path), join(root, path))
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  const biome = join(root, 'node_modules', '.bin', 'biome')
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [biome, 'ci', '--error-on-warnings', '--colors=off', ...Object.keys(sources)],
    { cwd: root, encoding: 'utf8', timeout: 30_000 },
  )
  return status === 0 ? '' : stderr + stdout
}
