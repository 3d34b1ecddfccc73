/** Why a request may not be sent. */
export interface Refusal {
  /**
   * Stable name of the rule, for programs. It is the `code` of the attempt.
   *
   * - `EGRESS_SCHEME` `EGRESS_PORT`: what the URL asks for is not http or https, or not among `ports`
   * - `EGRESS_DENIED`: `deny` names it
   * - `EGRESS_METADATA`: where a cloud gives credentials out
   * - `EGRESS_UNSPECIFIED` `EGRESS_LOOPBACK` `EGRESS_PRIVATE` `EGRESS_LINK_LOCAL` `EGRESS_CGNAT`: this host, or the networks around it
   * - `EGRESS_EMBEDDED`: an IPv6 address that stands for an IPv4 address: mapped, NAT64, 6to4, Teredo and the like
   * - `EGRESS_DOCUMENTATION` `EGRESS_BENCHMARKING` `EGRESS_MULTICAST` `EGRESS_BROADCAST` `EGRESS_RESERVED`
   * - `EGRESS_NOT_GLOBAL`: any other address that is not global unicast
   * - `EGRESS_NOT_AN_ADDRESS`: what a look-up gave is no address, or has a zone
   */
  readonly code: string
  /** For people: what came, which rule forbids it, and what to allow. */
  readonly message: string
}
