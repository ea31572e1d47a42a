/** Hands one token over (RFC 8935 §2.1, headers as fact sheet 7.1 has them). */
export type Push = (url: string, token: string, closing: AbortSignal) => Promise<number | 'unreachable'>

/**
 * @param timeoutMs for the answer's status
 * @returns what sends a token: gives the status of the answer, or that there was none
 */
export function createPush(reach: typeof fetch, timeoutMs: number): Push {
  return async (url, token, closing) => {
    try {
      const response = await reach(url, {
        method: 'POST',
        headers: { 'content-type': 'application/secevent+jwt', accept: 'application/json' },
        body: token,
        // A redirect is an answer like another: what it leads to is not what the client registered.
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), closing]),
      })
      // Nobody reads what it says.
      await response.body?.cancel().catch(() => {})
      return response.status
    } catch {
      return 'unreachable'
    }
  }
}
