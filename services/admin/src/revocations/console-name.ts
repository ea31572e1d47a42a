// How a console names itself to sign-in when it acknowledges revocations: it is no gateway, and is told apart by this.

const PREFIX = 'administrators’ console '

export function consoleName(publicUrl: string): string {
  return PREFIX + new URL(publicUrl).host
}

/** The host of a console, or undefined of a gateway. */
export function consoleHost(name: string): string | undefined {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined
}
