/*
 * Whoever loads this has its process traced by OpenTelemetry: http, undici, net and dns. What is to be traced has to be loaded after it.
 */
import { createRequire } from 'node:module'
import { context, propagation } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { DnsInstrumentation } from '@opentelemetry/instrumentation-dns'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { NetInstrumentation } from '@opentelemetry/instrumentation-net'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

const spans = new InMemorySpanExporter()
const measures = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: measures, exportIntervalMillis: 3_600_000 })
const tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] })
const meters = new MeterProvider({ readers: [reader] })
context.setGlobalContextManager(new AsyncLocalStorageContextManager())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())

const headers = { requestHeaders: ['authorization'], responseHeaders: ['location'] }
const instrumentations = [
  // The receivers are of this process too, and what they record of themselves is theirs.
  new HttpInstrumentation({
    disableIncomingRequestInstrumentation: true,
    headersToSpanAttributes: { client: headers },
  }),
  new UndiciInstrumentation({ headersToSpanAttributes: headers }),
  new NetInstrumentation(),
  new DnsInstrumentation(),
]
for (const each of instrumentations) {
  each.setTracerProvider(tracers)
  each.setMeterProvider(meters)
}
// What is loaded by `require` is patched in place, for who has imported it as well.
const require = createRequire(import.meta.url)
for (const name of ['http', 'https', 'net', 'dns']) require(name)

/** All that was recorded up to now. To be called once: nothing more is measured. */
export async function recorded(): Promise<{
  readonly spans: readonly unknown[]
  readonly metrics: readonly unknown[]
}> {
  await reader.forceFlush()
  const finished = spans
    .getFinishedSpans()
    .map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links }))
  const metrics = measures.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
  await reader.shutdown()
  return { spans: finished, metrics }
}
