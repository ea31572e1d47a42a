// Counts what node:test reports. Only leaf tests count: a suite, or a test with subtests, is the sum of what is in it.

/** The part of a node:test event that the count needs; see "Class: TestsStream" in Node's documentation. */
export interface TestEvent {
  type: string
  data: {
    name: string
    file?: string
    /** The file that node:test was asked to run; absent where the event is about that file itself. */
    entryFile?: string
    line?: number
    testId: number
    parentId?: number
    skip?: string | boolean
    todo?: string | boolean
    message?: string
    details?: { type?: string; error?: TestError }
  }
}

interface TestError extends Error {
  failureType?: string
  exitCode?: number | null
  signal?: string | null
}

export interface Failure {
  /** Titles from the outermost suite inwards. */
  title: string
  file: string | undefined
  line: number | undefined
  error: unknown
}

export interface Tally {
  passed: number
  failed: number
  skipped: number
  failures: Failure[]
}

interface Options {
  /** A test skipped with "not found" in its reason counts as failed: where everything must be installed. */
  requireAll: boolean
  /** Said of a test file that had to be stopped. */
  tooSlow: string
}

/** The count of one test file, from all events of its run. A file that ran no test at all has failed. */
export function tallyOf(events: TestEvent[], { requireAll, tooSlow }: Options): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] }
  const ended = events.filter(({ type }) => type === 'test:pass' || type === 'test:fail')
  const tests = ended.filter(({ data }) => data.entryFile !== undefined)
  const titles = new Map(tests.map(({ data }) => [data.testId, data]))
  const parents = new Set(tests.map(({ data }) => data.parentId))

  function titleOf(testId: number | undefined): string[] {
    const data = testId === undefined ? undefined : titles.get(testId)
    return data ? [...titleOf(data.parentId), data.name] : []
  }
  function fail({ file, line }: TestEvent['data'], title: string, error: unknown) {
    tally.failed += 1
    tally.failures.push({ title, file, line, error })
  }

  for (const { type, data } of tests) {
    const { skip, todo, details } = data
    const title = titleOf(data.testId).join(' › ')
    const isGroup = details?.type === 'suite' || parents.has(data.testId)
    if (typeof skip === 'string' && requireAll && /not found/i.test(skip)) {
      fail(data, title, `skipped, and nothing may be missing here: ${skip}`)
    } else if (skip || todo) {
      tally.skipped += 1
    } else if (type === 'test:fail') {
      // A group that fails for its own sake (a hook, its own body) is one more failure.
      if (details?.error?.failureType !== 'subtestsFailed') fail(data, title, causeOf(details?.error))
    } else if (!isGroup) {
      tally.passed += 1
    }
  }

  for (const { type, data } of ended.filter((event) => event.data.entryFile === undefined)) {
    const whole = { ...data, line: undefined }
    if (type === 'test:fail') fail(whole, 'the file as a whole', endOfFile(data.details?.error, tooSlow))
    else fail(whole, 'the file as a whole', 'no test of it ran to its end')
  }
  if (ended.length === 0) fail({ name: '', testId: 0 }, 'the file as a whole', 'it reported nothing')
  return tally
}

function endOfFile(error: TestError | undefined, tooSlow: string): string {
  if (error?.failureType === 'testAborted') return tooSlow
  return `its process ended with ${error?.signal ?? `status ${error?.exitCode}`}; what it wrote is below`
}

function causeOf(error: TestError | undefined): unknown {
  return error?.cause ?? error?.message
}
