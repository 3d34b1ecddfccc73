/** Goes wrong as it is told. `<plan>` */
import { startFaultProxy } from 'deploy-hooks/testing'
import { obeyParent, tellParent } from '../shared/parent.ts'
import type { ProxyPlan, ProxyReport } from './plan.ts'

const { fault } = JSON.parse(process.argv[2] ?? '') as ProxyPlan
const proxy = await startFaultProxy({ fault })
obeyParent(() => tellParent({ open: proxy.open, requests: proxy.requests } satisfies ProxyReport)) // there is one order
tellParent(proxy.port)
