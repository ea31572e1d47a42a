// The peer: Fastify with @fastify/reply-from, forwarding without a check of any kind.
import replyFrom from '@fastify/reply-from'
import Fastify from 'fastify'
import { listening } from './listening.ts'

const app = Fastify()
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
await app.register(replyFrom, { base: process.env.UPSTREAM ?? '' })
app.all('/cbsv/*', (request, reply) => reply.from(request.url))
listening(await app.listen({ host: '127.0.0.1', port: 0 }))
