import ajvCompiler from '@fastify/ajv-compiler'
import serializerCompiler from '@fastify/fast-json-stringify-compiler'
import type { FastifyServerOptions } from 'fastify'

type Factories = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
type BuildValidator = NonNullable<Factories['buildValidator']>
type BuildSerializer = NonNullable<Factories['buildSerializer']>

type Validate = ((data: unknown) => unknown) & { errors?: unknown }
type Serialize = (data: unknown) => string

const validators = ajvCompiler() as unknown as (...parameters: unknown[]) => (route: unknown) => Validate
const serializers = serializerCompiler() as unknown as (
  ...parameters: unknown[]
) => (route: unknown) => Serialize

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/**
 * Fastify's own compilers, used at a route's first request instead of at start: a suite in one process has some 150
 * schemas, most of which no visit ever needs, and compiling them all is a tenth of its start.
 */
export const lazySchemas: Factories = {
  buildValidator: ((...parameters: unknown[]) => {
    const compiler = once(() => validators(...parameters))
    return (route: unknown) => {
      const compiled = once(() => compiler()(route))
      // Fastify reads the errors off the very function that it called.
      const validate: Validate = (data) => {
        const outcome = compiled()(data)
        validate.errors = compiled().errors
        return outcome
      }
      return validate
    }
  }) as unknown as BuildValidator,
  buildSerializer: ((...parameters: unknown[]) => {
    const compiler = once(() => serializers(...parameters))
    return (route: unknown) => {
      const compiled = once(() => compiler()(route))
      return (data: unknown) => compiled()(data)
    }
  }) as unknown as BuildSerializer,
}
