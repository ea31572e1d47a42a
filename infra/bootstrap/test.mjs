// npm test: every check. `npm test -- services/terms` runs only the tests whose path contains that.
import { runInPinnedNode } from './pinned-node.mjs'

await runInPinnedNode('infra/bootstrap/src/main.ts', process.argv.slice(2))
