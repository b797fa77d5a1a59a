import { clearMocks, mockIPC } from '@tauri-apps/api/mocks'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ApiError, toApiError } from './error'
import { HttpPlatform } from './http'
import { connect } from './index'
import { TauriPlatform } from './tauri'

const refusal = { code: 'account.exists', text: 'exists', params: { address: 'ana@lab.test' } } as const
afterEach(() => {
  clearMocks()
  Reflect.deleteProperty(window, '__TAURI_INTERNALS__')
  vi.unstubAllGlobals()
})

describe('over HTTP', () => {
  const platform = new HttpPlatform()
  const answer = (status: number, body: unknown) =>
    vi.stubGlobal(
      'fetch',
      vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status }))),
    )

  test('a command is posted and its reply comes back', async () => {
    answer(200, { phase: 'running' })
    expect(await platform.call('server.status', {})).toEqual({ phase: 'running' })
    const [path, init] = vi.mocked(fetch).mock.calls[0]!
    expect(path).toBe('/api/rpc')
    expect(init?.body).toBe('{"method":"server.status","params":{}}')
  })
  test('a refusal keeps its code and its parameters', async () => {
    answer(409, refusal)
    const error = await platform.call('server.status', {}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code: 'account.exists', params: { address: 'ana@lab.test' } })
  })
  test.each([
    ['the server is gone', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['something else answers', () => Promise.resolve(new Response('<html>', { status: 502 }))],
  ])('%s: the line is broken', async (_, behaviour) => {
    vi.stubGlobal('fetch', vi.fn(behaviour))
    await expect(platform.call('server.status', {})).rejects.toMatchObject({ code: 'face.unreachable' })
  })
  test('the frame of a message is asked for with all its names escaped', () => {
    const url = platform.messageFrameUrl({ account: 'ana@lab.test', folder: 'A&B', uid: 7, remote: false })
    expect(url).toBe('/api/message/frame?account=ana%40lab.test&folder=A%26B&uid=7&remote=0')
  })
})

describe('in the window', () => {
  test('a command goes through rpc, and a refusal keeps its code', async () => {
    mockIPC((command, args) => {
      if (command !== 'rpc') throw new Error(command)
      const { request } = args as { request: { method: string } }
      if (request.method === 'server.stop') throw refusal
      return { echo: request }
    })
    const platform = new TauriPlatform()
    expect(await platform.call('server.status', {})).toEqual({ echo: { method: 'server.status', params: {} } })
    await expect(platform.call('server.stop', {})).rejects.toMatchObject({ code: 'account.exists' })
  })
  test('connect finds the window where there is one, else speaks HTTP', async () => {
    expect((await connect()).kind).toBe('browser')
    mockIPC(() => undefined)
    expect((await connect()).kind).toBe('window')
  })
})

test('what is no error of the engine means that it cannot be reached', () => {
  expect(toApiError({ code: 'made.up', text: 'x' }).code).toBe('face.unreachable')
  expect(toApiError('boom').params.detail).toBe('boom')
})
