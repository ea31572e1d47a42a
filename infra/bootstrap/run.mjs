// node infra/bootstrap/run.mjs <file> [arguments]: any TypeScript program of this repository, in the pinned Node.
import { runInPinnedNode } from './pinned-node.mjs'

const [program, ...args] = process.argv.slice(2)
if (!program) {
  process.stderr.write('Which program? For example: node infra/bootstrap/run.mjs infra/bench/src/main.ts\n')
  process.exit(1)
}
await runInPinnedNode(program, args)
