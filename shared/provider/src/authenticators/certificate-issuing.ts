// Makes X.509 certificates (RFC 5280) by keys on the curve P-256.

type X509 = typeof import('@peculiar/x509')

/** PEM both; the private key in PKCS #8. */
export interface Authority {
  certificate: string
  privateKey: string
}

/** Milliseconds. */
export interface Validity {
  from: number
  until: number
}

const KEY = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' }

// Loaded when the first certificate is made, and reflect-metadata before what needs it.
async function library(): Promise<X509> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

/** Attributes, not one text: in that a comma, a plus sign or a leading `#` would mean something. */
function nameOf({ Name }: X509, commonName: string) {
  const text = (utf8String: string) => [{ utf8String }]
  return new Name([{ C: [{ printableString: 'US' }] }, { O: text('Gatehouse') }, { CN: text(commonName) }])
}

export async function newAuthority(commonName: string, { from, until }: Validity): Promise<Authority> {
  const x509 = await library()
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: nameOf(x509, commonName),
    notBefore: new Date(from),
    notAfter: new Date(until),
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificate: certificate.toString('pem'),
    privateKey: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----`,
  }
}

/** @returns a certificate for authentication, in PEM; its private key is forgotten at once */
export async function issue(
  authority: Authority,
  { commonName, email }: { commonName: string; email?: string },
  { from, until }: Validity,
): Promise<string> {
  const x509 = await library()
  const issuer = new x509.X509Certificate(authority.certificate)
  const pkcs8 = Buffer.from(authority.privateKey.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  const signingKey = await crypto.subtle.importKey('pkcs8', pkcs8, KEY, false, ['sign'])
  const { publicKey } = await crypto.subtle.generateKey(KEY, false, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    subject: nameOf(x509, commonName),
    issuer: issuer.subjectName,
    notBefore: new Date(from),
    notAfter: new Date(until),
    publicKey,
    signingKey,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(email ? [new x509.SubjectAlternativeNameExtension([{ type: 'email', value: email }])] : []),
    ],
  })
  return certificate.toString('pem')
}
