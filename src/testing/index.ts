export { storeConformance, type ConformanceTest, type StoreHarness } from './store-conformance.ts'
