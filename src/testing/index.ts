export {
  faultNames,
  startFaultProxy,
  type Fault,
  type FaultName,
  type FaultParameters,
  type FaultProxy,
  type FaultProxyOptions,
} from './fault-proxy.ts'
export { storeConformance, type ConformanceTest, type StoreHarness } from './store-conformance.ts'
export { transportConformance, type TransportHarness } from './transport-conformance.ts'
