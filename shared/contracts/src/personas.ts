import { type Static, Type } from 'typebox'

/** A made-up person of the test profile, as QA staff sign in. */
const Persona = Type.Object({
  id: Type.String({ pattern: '^[a-z][a-z-]*$' }),
  about: Type.String({ description: 'what this persona is good for' }),
  firstName: Type.String(),
  lastName: Type.String(),
  email: Type.String(),
  phoneNumber: Type.String({ pattern: '^\\+1[0-9]{3}55501[0-9]{2}$' }),
  dateOfBirth: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
  /** Absent for people who have none. */
  ssn: Type.Optional(
    Type.String({ pattern: '^(9[0-9]{8}|666[0-9]{6})$', description: 'from ranges that are never issued' }),
  ),
  address: Type.Object({
    street: Type.String(),
    city: Type.String(),
    state: Type.String(),
    zipCode: Type.String(),
  }),
  /**
   * What the mock providers have established, or would: `unproofed` people pass when they are asked to verify their
   * identity, and people with `fails` do not.
   */
  proofing: Type.Union([
    Type.Literal('unproofed'),
    Type.Literal('proofed'),
    Type.Literal('face-matched'),
    Type.Literal('fails'),
  ]),
  /** The mock providers where the person has an account; all of them unless given. */
  providers: Type.Optional(Type.Array(Type.Union([Type.Literal('login.gov'), Type.Literal('id.me')]))),
  /**
   * The account at my Social Security. Extra security: `on` signs in with a text, for `letter-sent` a letter with an upgrade
   * code is on its way, `off` has not asked for it.
   */
  mySsa: Type.Optional(
    Type.Object({
      username: Type.String({ pattern: '^[A-Za-z0-9]{8,20}$' }),
      extraSecurity: Type.Union([Type.Literal('on'), Type.Literal('letter-sent'), Type.Literal('off')]),
    }),
  ),
  /** The Employment Network or State VR agency for which an administrator has enrolled the person at the Ticket Portal. */
  ticketPortal: Type.Optional(
    Type.Object({
      organization: Type.String(),
      kind: Type.Union([Type.Literal('EN'), Type.Literal('VRA')]),
    }),
  ),
  /** What the administrators' console lets the person do from its first start. */
  administrator: Type.Optional(
    Type.Object({
      roles: Type.Array(
        Type.Union([Type.Literal('viewer'), Type.Literal('revoker'), Type.Literal('approver')]),
      ),
    }),
  ),
  /** Groups that ID.me has verified, in its words (military, responder, teacher …). */
  affiliations: Type.Optional(
    Type.Array(Type.Object({ group: Type.String(), subgroups: Type.Array(Type.String()) })),
  ),
  /** The BSO User IDs the person holds already. */
  userIds: Type.Array(
    Type.Object({ bsoUserId: Type.String(), ein: Type.String(), services: Type.Array(Type.String()) }),
  ),
})
export type Persona = Static<typeof Persona>

const Company = Type.Object({
  ein: Type.String({ pattern: '^[0-9]{9}$' }),
  name: Type.String(),
  /** As registered with the IRS: activation codes are mailed there (facts ssa-sign-in §2). */
  address: Type.Object({
    street: Type.String(),
    city: Type.String(),
    state: Type.String(),
    zipCode: Type.String(),
  }),
})

/** The file that `PERSONAS_FILE` names: written at first start, because the passwords are made then. */
export const PersonasFile = Type.Object({
  companies: Type.Array(Company),
  personas: Type.Array(Type.Intersect([Persona, Type.Object({ password: Type.String() })])),
})
export type PersonasFile = Static<typeof PersonasFile>
