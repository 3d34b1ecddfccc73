/**
 * A self-signed certificate for `wrong-name.invalid`, good until 2120, and its key. Both are public and prove nothing:
 * a client has to refuse them wherever it meets them.
 */
export const wrongCertificate: { readonly cert: string; readonly key: string } = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBezCCASKgAwIBAgIBATAKBggqhkjOPQQDAjAdMRswGQYDVQQDDBJ3cm9uZy1u
YW1lLmludmFsaWQwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMB0x
GzAZBgNVBAMMEndyb25nLW5hbWUuaW52YWxpZDBZMBMGByqGSM49AgEGCCqGSM49
AwEHA0IABL1Bo4Xt7DFyo+70iwCJhmxPN2zHWriOB6AyjAX6ZlMEqXHXr6kZ9T0x
vFI+qs/BHwUxlo1AaD4M6tKVBXTuqR2jUTBPMA8GA1UdEwEB/wQFMAMBAf8wHQYD
VR0RBBYwFIISd3JvbmctbmFtZS5pbnZhbGlkMB0GA1UdDgQWBBS77zuNwpVZkLQz
qqydHkiH2AotTDAKBggqhkjOPQQDAgNHADBEAiAZqCUpev3q+FEr7kr2k1dNb1ir
6z3DpEb+i6FT23/97QIgOuAHsIj77Ewo13xJD04f/pSzc7z6I68ToogCyFZxSEs=
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/cE+020CTqV3y2qw
ikbFhRzSbsbGcNXqBB0VRNDBS9ShRANCAAS9QaOF7ewxcqPu9IsAiYZsTzdsx1q4
jgegMowF+mZTBKlx16+pGfU9MbxSPqrPwR8FMZaNQGg+DOrSlQV07qkd
-----END PRIVATE KEY-----
`,
}
