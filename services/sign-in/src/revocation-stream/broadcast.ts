import { type Broadcast, localBroadcast } from '@gatehouse/storage/broadcast'
import type { FastifyBaseLogger } from 'fastify'

/** Between the processes of sign-in: over Redis where there is one, which the embedded suite neither needs nor loads. */
export async function openBroadcast(
  redisUrl: string | undefined,
  log: FastifyBaseLogger,
): Promise<Broadcast> {
  if (!redisUrl) return localBroadcast()
  const { redisBroadcast } = await import('@gatehouse/storage/redis-broadcast')
  return redisBroadcast({ url: redisUrl, stream: 'gatehouse:sign-in:revocation-stream', log })
}
