/** One way in which sender and verifier differ. */
export type NearMiss =
  | 'unsigned'
  | 'basic-credentials'
  | 'repeated-header'
  | 'not-a-signature'
  | 'signature-prefix'
  | 'upper-case-signature'
  | 'query-missing'
  | 'wrong-algorithm'
  | 'trailing-slash'
  | 'scheme'
  | 'port'
  | 'host-case'
  | 'host'
  | 'path-prefix'
  | 'path'
  | 'tilde'
  | 'plus-space'
  | 'escape-case'
  | 'parameters-reordered'
  | 'second-question-mark'
  | 'own-parameters'
  | 'signed-as-typed'
  | 'older-secret'
  | 'other-secret'
  | 'secret-blanks'
  | 'secret-quotes'

/** What each near miss means, and what to do. */
export const advice: Readonly<Record<NearMiss, string>> = {
  unsigned:
    'There is no Authorization header. The sender has no secret for this hook, or something between dropped the header.',
  'basic-credentials':
    'Authorization holds Basic credentials instead of the signature. The URL at the sender has user:password@ in it, or a proxy adds credentials.',
  'repeated-header':
    'There are several Authorization values. Something between added one: exactly one may arrive.',
  'not-a-signature': 'The Authorization value is not 40 (sha1) or 64 (sha256) hexadecimal digits.',
  'signature-prefix': 'The signature has a scheme or prefix before it. It is to be the bare value.',
  'upper-case-signature': 'The signature is in upper case. It is to be in lower case.',
  'query-missing':
    'The request has no query, which carries the release. A proxy or router dropped it, or this is not a deploy hook.',
  'wrong-algorithm':
    'The signature has the length of the other algorithm. Give the verifier the algorithm of the sender.',
  'trailing-slash':
    'The sender has the URL with a slash at the end and the verifier without, or the other way round.',
  scheme:
    'The sender signed http and the verifier has https, or the other way round: often a proxy that ends TLS. Give the URL as configured at the sender.',
  port: 'The port differs: one side names a port and the other does not, or another one.',
  'host-case':
    'The sender signed the host in other letters: upper case instead of lower case, or the other way round.',
  host: 'The sender signed a host that this request names, not the one given here.',
  'path-prefix':
    'A part of the path differs: a router or proxy strips or adds a prefix. Give the URL as configured at the sender.',
  path: 'The sender signed the path of this request, not the one given here.',
  tilde: 'The sender signed ~ as %7E, as Python before 3.7 does.',
  'plus-space': 'One side writes a space as + and the other as %20. The signed form is +.',
  'escape-case': 'Percent escapes were signed in the other case (%2f instead of %2F).',
  'parameters-reordered':
    'The parameters were re-ordered: by the sender before signing, or by something on the way.',
  'second-question-mark':
    'The hook URL has a query of its own, and one side appends the release with a second ?, as Deis does.',
  'own-parameters':
    'The parameters of the hook URL itself differ, or are missing on one side. Give the URL as configured at the sender, with all of its query.',
  'signed-as-typed':
    'The sender signed the URL as typed (dialect deis), which differs from what goes over the wire.',
  'older-secret':
    'It is signed with an older secret, not the first one. The sender has not been rotated yet.',
  'other-secret':
    'It is signed with one of the secrets given to explain(), which the verifier does not accept.',
  'secret-blanks': 'The secret has blanks or a line break around it on one side. Secrets are never trimmed.',
  'secret-quotes': 'The secret has quotation marks around it on one side.',
}
