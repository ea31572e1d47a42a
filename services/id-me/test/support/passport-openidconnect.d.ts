// What the tests use of the package, which brings no types.
declare module 'passport-openidconnect' {
  interface Context {
    nonce?: string
  }
  interface StateStore {
    store(
      request: unknown,
      context: Context,
      state: unknown,
      meta: unknown,
      done: (error: Error | null, handle?: string) => void,
    ): void
    verify(
      request: unknown,
      handle: string,
      done: (error: Error | null, context?: Context | false, state?: unknown) => void,
    ): void
  }
  interface Options {
    issuer: string
    authorizationURL: string
    tokenURL: string
    callbackURL: string
    clientID: string
    clientSecret: string
    scope: string[]
    nonce: boolean
    store: StateStore
    skipUserProfile: true
  }
  type Verified = (error: Error | null, user?: object | false) => void
  type Verify = (
    issuer: string,
    profile: { id: string },
    context: object,
    idToken: string,
    accessToken: string,
    refreshToken: string,
    verified: Verified,
  ) => void

  export class Strategy {
    constructor(options: Options, verify: Verify)
    authenticate(request: { query: Record<string, string> }): void
    redirect(url: string): void
    success(user: object): void
    fail(challenge?: unknown): void
    error(error: Error): void
  }
}
