export {
  faultNames,
  startFaultProxy,
  type Fault,
  type FaultName,
  type FaultParameters,
  type FaultProxy,
  type FaultProxyOptions,
} from './fault-proxy.ts'
export { startPlatform, type Platform, type PlatformOptions } from './start-platform.ts'
export { platformNames, type PlatformName } from './platforms/platforms.ts'
export type { PlatformAnswer, PlatformDeployment, PlatformRequest } from './platforms/platform.ts'
export {
  storeConformance,
  triggersConformance,
  type ConformanceTest,
  type StoreHarness,
} from './store-conformance.ts'
export { transportConformance, type TransportHarness } from './transport-conformance.ts'
