// What tests use of the package, which brings no types.
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
    /** Needed unless the profile is skipped. */
    userInfoURL?: string
    callbackURL: string
    clientID: string
    clientSecret: string
    scope: string[]
    nonce: boolean
    /** Default: states are kept in the `session` of the request. */
    store?: StateStore
    skipUserProfile: boolean
  }
  interface Profile {
    id: string
    displayName?: string
    emails?: { value: string }[]
  }
  type Verified = (error: Error | null, user?: object | false) => void
  /** The library counts the parameters to see what is wanted: these are of one with seven. */
  type Verify = (
    issuer: string,
    profile: Profile,
    context: object,
    idToken: string,
    accessToken: string,
    refreshToken: string,
    verified: Verified,
  ) => void
  interface Request {
    query: Record<string, string>
    session?: object
  }
  interface OAuth2 {
    getOAuthAccessToken(code: string, parameters: object, done: (...answer: unknown[]) => void): void
  }

  export class Strategy {
    constructor(options: Options, verify: Verify)
    /** Kept open for subclasses. */
    protected _oauth2: OAuth2
    /** Further parameters of the authorization request, for subclasses to give. */
    authorizationParams(options: object): object
    authenticate(request: Request, options?: object): void
    redirect(url: string): void
    success(user: object): void
    fail(challenge?: unknown): void
    error(error: Error): void
  }
}
