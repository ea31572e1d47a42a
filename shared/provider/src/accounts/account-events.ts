/** Something that happened to an account and that others may have to be told of. */
export type AccountEvent =
  | {
      kind:
        | 'suspended'
        | 'reinstated'
        /** Told before the account is gone. */
        | 'purged'
        | 'recovery-activated'
        /** A second factor was added or removed. */
        | 'recovery-information-changed'
        | 'password-reset'
        | 'locked-out'
        | 'reproofed'
      accountId: string
    }
  | { kind: 'email-added' | 'email-removed'; accountId: string; email: string }

/** Takes an event before the change is acknowledged; what it throws fails the change. */
export type AccountEventListener = (event: AccountEvent) => Promise<void>

/** Passes each event to whoever listens, in the order of listening. */
export function createAccountEvents() {
  const listeners: AccountEventListener[] = []
  return {
    listen(listener: AccountEventListener): void {
      listeners.push(listener)
    },
    async publish(event: AccountEvent): Promise<void> {
      for (const listener of listeners) await listener(event)
    },
  }
}
export type AccountEvents = ReturnType<typeof createAccountEvents>
