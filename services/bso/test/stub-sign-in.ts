import { startStubSignIn as startStub } from '@gatehouse/relying-party/stub-sign-in'

export const MARIA = {
  sub: 'pairwise-maria',
  name: 'Maria Example',
  bso_user_id: 'MARIA7K2',
  ein: '960001012',
  bso_services: ['CBSV'],
  idp: 'login.gov',
}

/** Sign-in, where Maria is the one who signs in. */
export const startStubSignIn = () =>
  startStub({ clientId: 'bso', resource: 'urn:gatehouse:cbsv', claims: MARIA })
