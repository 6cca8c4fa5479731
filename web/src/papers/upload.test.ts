import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import type { Upload, UploadWanted } from '../protocol/types'
import { Failure } from '../visit/session'
import { isHeif, taken } from './acceptable'
import type { Carrier } from './carrier'
import { Sendings } from './sendings'
import { PIECE_BYTES, Sending, sha256 } from './upload'

const PURPOSE = { material: 'identity-card', title: '', source: 'upload' as const, page: 0 }
const FILE = new Blob([new Uint8Array(3 * PIECE_BYTES + 7).map((_, at) => (at * 31) % 251)])

/** A server as `signaling/uploads/taking.py` is: what has come stays, asking again tells how far it is. */
class Server implements Carrier {
  readonly announced: UploadWanted[] = []
  pieces: Blob[] = []
  breaks = new Map<number, Failure>()
  lost = new Set<number>()
  sends = 0

  async begin(wanted: UploadWanted): Promise<Upload> {
    this.announced.push(wanted)
    return this.told()
  }

  async send(_upload: string, offset: number, piece: Blob): Promise<Upload> {
    this.sends += 1
    const breaks = this.breaks.get(this.sends)
    if (breaks) throw breaks
    if (offset === this.offset) this.pieces.push(piece)
    if (this.lost.has(this.sends)) throw new Failure('offline') // taken, and the answer is lost
    return this.told()
  }

  get offset(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.size, 0)
  }

  get bytes(): Promise<ArrayBuffer> {
    return new Blob(this.pieces).arrayBuffer()
  }

  private told(): Upload {
    const bytes = this.announced[0]?.bytes ?? 0
    return { id: 'u', offset: this.offset, piece: 1 << 20, page: this.offset === bytes ? 5 : 0 }
  }
}

async function sent(server: Server, file: Blob = FILE): Promise<Sending> {
  const sending = new Sending(file, 'card.jpg', PURPOSE, server)
  vi.useFakeTimers()
  try {
    const running = sending.run()
    // Hashing and slicing take no timers: only pauses do, and those are passed over.
    let over = false
    void running.then(() => {
      over = true
    })
    while (!over) await vi.advanceTimersByTimeAsync(1_000)
  } finally {
    vi.useRealTimers()
  }
  return sending
}

async function digest(file: Blob): Promise<string> {
  return createHash('sha256')
    .update(new Uint8Array(await file.arrayBuffer()))
    .digest('hex')
}

test('a file is hashed as everybody hashes it, and comes whole in pieces', async () => {
  const server = new Server()
  const sending = await sent(server)
  expect(await sha256(FILE)).toBe(await digest(FILE))
  expect(server.announced.map((one) => one.sha256)).toEqual([await digest(FILE)])
  expect(Buffer.from(await server.bytes).equals(Buffer.from(await FILE.arrayBuffer()))).toBe(true)
  expect(server.sends).toBe(4)
  expect(sending.known).toMatchObject({ phase: 'done', page: 5, sent: FILE.size })
})

test('a line that breaks is asked anew by the same name, and only what is missing is sent', async () => {
  const server = new Server()
  server.breaks.set(2, new Failure('offline'))
  server.lost.add(4)
  const sending = await sent(server)
  expect(server.announced).toHaveLength(3)
  expect(new Set(server.announced.map((one) => one.ref)).size).toBe(1)
  expect(server.sends).toBe(5)
  expect(server.pieces.map((piece) => piece.size)).toEqual([PIECE_BYTES, PIECE_BYTES, PIECE_BYTES, 7])
  expect(sending.known.phase).toBe('done')
})

test('what the server refuses is over, and tells why', async () => {
  const server = new Server()
  server.breaks.set(4, new Failure('file_active'))
  const sending = await sent(server)
  expect(sending.known).toMatchObject({ phase: 'refused', fault: 'file_active' })
  expect(server.sends).toBe(4)
})

test('a file that is given up is not asked for again', async () => {
  const server = new Server()
  const sending = new Sending(FILE, 'card.jpg', PURPOSE, server)
  server.breaks.set(2, new Failure('offline'))
  const running = sending.run()
  await vi.waitFor(() => expect(sending.known.phase).toBe('broken'))
  sending.giveUp()
  await running
  expect(server.announced).toHaveLength(1)
})

test('several files go one after the other, and one that is refused does not stop the next', async () => {
  const server = new Server()
  const small = new Blob([new Uint8Array([0xff, 0xd8, 0xff, 1])])
  const sendings = new Sendings(server, async (file) => {
    if (file.size < 4) throw new Failure('file_heic')
    return file
  })
  const refused = await sendings.add(new Blob(['abc']), 'old.heic', PURPOSE)
  const good = await sendings.add(small, 'new.jpg', PURPOSE)
  await vi.waitFor(() => expect(good.known.phase).toBe('done'))
  expect(refused.known).toMatchObject({ phase: 'refused', fault: 'file_heic' })
  sendings.drop(refused)
  expect(sendings.all).toEqual([good])
})

test('a file is what its first bytes say', () => {
  const bytes = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0))
  expect(taken(bytes('%PDF-1.7'))).toBe(true)
  expect(taken(bytes('\x89PNG\r\n'))).toBe(true)
  expect(taken(bytes('GIF89a'))).toBe(false)
  expect(isHeif(bytes('\x00\x00\x00\x18ftypheic'))).toBe(true)
  expect(isHeif(bytes('\x00\x00\x00\x18ftypavif'))).toBe(false)
})
