import type { Actor } from './roles.ts'

/** Who orders something of an owner and why, as the owners' contracts have it: the ticket goes with the reason. */
export function ordered(
  { administratorId }: Actor,
  { reason, ticket }: { reason: string; ticket?: string },
): { by: string; reason: string } {
  return { by: administratorId, reason: ticket === undefined ? reason : `${reason} (${ticket})` }
}
