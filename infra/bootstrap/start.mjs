// npm start: the whole suite in one process. Arguments go to the launcher.
import { runInPinnedNode } from './pinned-node.mjs'

await runInPinnedNode('infra/launcher/src/main.ts', process.argv.slice(2))
