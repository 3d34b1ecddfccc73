import http from 'node:http'
import { serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Triggers } from '../../src/triggers/index.ts'
import { listening } from '../loopback.ts'
import { jsonOf, post, startPlatform } from './platform.ts'

/** Ways to mount triggers under /hooks. @returns the origin */
const servers: Readonly<Record<string, (triggers: Triggers) => Promise<string>>> = {
  'node:http': async (triggers) => {
    const server = await listening(
      http.createServer((request, response) => void triggers.node(request, response)),
    )
    onTestFinished(() => server[Symbol.asyncDispose]())
    return server.origin
  },
  Express: async (triggers) => {
    const app = express()
    app.use('/hooks', (request, response) => void triggers.node(request, response))
    const server = await listening(http.createServer(app))
    onTestFinished(() => server[Symbol.asyncDispose]())
    return server.origin
  },
  Fastify: async (triggers) => {
    const app = fastify()
    // As webhooks need it: the body stays a stream.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    app.all('/hooks/*', async (request, reply) => {
      reply.hijack()
      await triggers.node(request.raw, reply.raw)
    })
    onTestFinished(() => app.close())
    return app.listen({ host: '127.0.0.1', port: 0 })
  },
  Hono: async (triggers) => {
    const app = new Hono()
    app.all('/hooks/*', (context) => triggers.fetch(context.req.raw, { address: '127.0.0.1' }))
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`
  },
}

describe.each(Object.entries(servers))('triggers mounted under a path of %s', (_, start) => {
  it('are called there, read bodies, and say where to ask', async () => {
    const platform = await startPlatform({ publicUrl: undefined })
    const { triggers, started } = platform
    const origin = await start(triggers)
    const { token } = await triggers.create({ app: 'web' })
    const shipmight = await triggers.create({ app: 'image', dialect: 'shipmight' })

    const response = await post(`${origin}/hooks/${token}`)
    const body = await post(`${origin}/hooks/api/v1/dh`, {
      headers: { 'content-type': 'application/json', 'x-deploy-hook-token': shipmight.token },
      body: '{"imageTag":"1.2.0"}',
    })

    expect([response.status, body.status]).toEqual([202, 201])
    const location = response.headers.get('location') ?? ''
    expect(location).toMatch(/^\/hooks\/deployments\/dep_/u)
    expect(await jsonOf(await fetch(origin + location))).toMatchObject({
      deployment: { status: expect.any(String) },
    })
    await platform.untilStarted(2)
    expect(started.map(({ facts }) => facts.tag)).toContain('1.2.0')
    expect((await fetch(`${origin}/hooks/${token}`)).status).toBe(405)
    expect((await post(`${origin}/hooks/x`, { body: '{}' })).status).toBe(404)
  })
})
