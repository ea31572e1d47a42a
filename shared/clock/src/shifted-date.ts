// The movable clock of the test profile. Importing this module replaces the process-wide `Date` by one that runs
// ahead by an offset, so that libraries which read `Date` (oidc-provider, jose) follow too. It must be imported
// before those libraries load, because some of them keep a reference to `Date.now`. Never loaded in the live profile.

const SystemDate = globalThis.Date
const INSTALLED = Symbol.for('gatehouse.shifted-date')

interface ClockState {
  offset: number
}

function install(): ClockState {
  const state: ClockState = { offset: 0 }
  const ShiftedDate = new Proxy(SystemDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [target.now() + state.offset] : args, newTarget),
    apply: (target) => new target(target.now() + state.offset).toString(),
    get: (target, property, receiver) =>
      property === 'now' ? shiftedNow : Reflect.get(target, property, receiver),
  })
  function shiftedNow(): number {
    return SystemDate.now() + state.offset
  }
  globalThis.Date = ShiftedDate
  return state
}

// One state for the process even if this module is loaded twice.
const registry = globalThis as { [INSTALLED]?: ClockState }
registry[INSTALLED] ??= install()
const state = registry[INSTALLED]

/** How far the clock runs ahead of the machine's, in milliseconds. */
export function clockOffset(): number {
  return state.offset
}

/**
 * Moves the clock to an offset ahead of the machine's clock, forwards only: what has expired must stay expired.
 *
 * @param offset milliseconds ahead of the machine's clock
 * @throws RangeError when the offset lies behind the present one
 */
export function setClockOffset(offset: number): void {
  if (!Number.isSafeInteger(offset) || offset < state.offset) {
    throw new RangeError('the clock only moves forwards')
  }
  state.offset = offset
}

/** Moves the clock forwards by `milliseconds`, which must not be negative. */
export function advanceClock(milliseconds: number): void {
  setClockOffset(state.offset + milliseconds)
}
