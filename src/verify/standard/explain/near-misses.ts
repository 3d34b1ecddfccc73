/** One way in which sender and verifier of a Standard Webhook differ. */
export type StandardNearMiss =
  | 'unsigned'
  | 'id-missing'
  | 'timestamp-missing'
  | 'signature-missing'
  | 'svix-headers'
  | 'repeated-header'
  | 'body-parsed'
  | 'body-empty'
  | 'body-reserialised'
  | 'body-newline'
  | 'timestamp-milliseconds'
  | 'clock'
  | 'other-version'
  | 'signature-bare'
  | 'signature-hex'
  | 'signature-base64url'
  | 'signed-body-alone'
  | 'signed-without-id'
  | 'secret-as-text'
  | 'secret-prefix'
  | 'older-secret'
  | 'other-secret'

/** What each near miss means, and what to do. */
export const advice: Readonly<Record<StandardNearMiss, string>> = {
  unsigned:
    'There are no webhook-id, webhook-timestamp and webhook-signature headers. The sender has no secret for this endpoint, or something between dropped them.',
  'id-missing': 'There is no webhook-id header. It is signed, so it has to arrive as it was sent.',
  'timestamp-missing':
    'There is no webhook-timestamp header. It is signed, so it has to arrive as it was sent.',
  'signature-missing': 'There is no webhook-signature header.',
  'svix-headers':
    'The headers are called svix-id, svix-timestamp and svix-signature. They are the same under other names: hand them over as webhook-id, webhook-timestamp and webhook-signature.',
  'repeated-header':
    'A webhook header stands there twice. Something between added one: exactly one may arrive.',
  'body-parsed':
    'The body is not text or bytes: a body parser ran before. Read the raw body, or put this handler before the parser.',
  'body-empty':
    'The body is empty. If the sender sent one, a body parser or something else between has read it before.',
  'body-reserialised':
    'The body was parsed and written again: the same JSON in other blanks, escapes or line breaks. Verify the bytes as they came, before any body parser.',
  'body-newline':
    'The body was signed with a line break at its end that did not arrive, or without one that did.',
  'timestamp-milliseconds': 'webhook-timestamp is in milliseconds. It is to be in whole seconds.',
  clock: 'The signature is right, but the timestamp is out of tolerance.',
  'other-version':
    'The signatures are of another kind than the secrets here: v1 goes with whsec_ secrets, v1a with whpk_ public keys.',
  'signature-bare': 'The signature has no version before it. It is to be v1, a comma, and base64.',
  'signature-hex': 'The signature is in hexadecimal. It is to be in base64.',
  'signature-base64url':
    'The signature is in base64url or has no padding. It is to be in plain base64, with = at its end.',
  'signed-body-alone':
    'The sender signed the body alone. The signed text is webhook-id.webhook-timestamp.body.',
  'signed-without-id':
    'The sender signed timestamp.body. The signed text is webhook-id.webhook-timestamp.body.',
  'secret-as-text':
    'The sender used the text of the secret as the key. The key is what the base64 decodes to.',
  'secret-prefix':
    'The sender left the prefix whsec_ in the secret. The key is what the base64 behind it decodes to.',
  'older-secret':
    'It is signed with an older secret, not the first one. The sender has not been rotated yet.',
  'other-secret':
    'It is signed with one of the secrets given to explain(), which the verifier does not accept.',
}
