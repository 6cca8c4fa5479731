/* One file on its way into the papers of a visit: hashed here, sent in pieces, resumed where the server says that it is. What
   the server refuses is over, and told by its code; a line that breaks is waited for, and the file goes on. */

import { reactive } from 'vue'
import type { UploadWanted } from '../protocol/types'
import { Backoff } from '../visit/backoff'
import { codeOf, Failure } from '../visit/session'
import type { Carrier } from './carrier'

/** Small enough that a bar moves on a slow line, and that little is lost when it breaks. */
export const PIECE_BYTES = 256 * 1024

/** What passes: the line, or the server for a moment. Everything else is an answer. */
const PASSING = new Set(['offline', 'unavailable'])

export type Phase = 'waiting' | 'reading' | 'sending' | 'checking' | 'broken' | 'done' | 'refused'

/** Where a file is to go; what follows from the file itself is added here. */
export type Purpose = Pick<UploadWanted, 'material' | 'title' | 'source' | 'page'>

export class Sending {
  readonly known = reactive({ phase: 'waiting' as Phase, sent: 0, fault: '', page: 0 })
  readonly ref: string = crypto.getRandomValues(new Uint32Array(4)).join('-')
  private readonly backoff = new Backoff(500, 8_000)
  private wake: () => void = () => undefined
  private over = false

  constructor(
    readonly file: Blob,
    readonly name: string,
    readonly purpose: Purpose,
    private readonly carrier: Carrier,
  ) {}

  /** From 0 to 1. */
  get share(): number {
    return this.known.phase === 'done' ? 1 : this.known.sent / Math.max(1, this.file.size)
  }

  /** Send the file; ends when it is a page, refused, or given up. */
  async run(): Promise<void> {
    try {
      const wanted = await this.announced()
      while (!this.over && !(await this.tried(wanted))) await this.rest()
    } catch (error) {
      this.refuse(error)
    }
  }

  /** Do not wait any longer for a line that is broken: try now. */
  hurry(): void {
    this.wake()
  }

  giveUp(): void {
    this.over = true
    this.wake()
  }

  private async announced(): Promise<UploadWanted> {
    this.known.phase = 'reading'
    const { size: bytes } = this.file
    if (!bytes) throw new Failure('file_broken')
    return { ...this.purpose, ref: this.ref, sha256: await sha256(this.file), bytes, name: this.name }
  }

  /** `true` when it is over; `false` when the line broke. */
  private async tried(wanted: UploadWanted): Promise<boolean> {
    try {
      await this.carry(wanted)
      return true
    } catch (error) {
      if (!(error instanceof Failure && PASSING.has(error.code))) throw error
      Object.assign(this.known, { phase: 'broken', fault: error.code })
      return false
    }
  }

  private async carry(wanted: UploadWanted): Promise<void> {
    let upload = await this.carrier.begin(wanted)
    while (!upload.page && !this.over) {
      const end = Math.min(upload.offset + Math.min(PIECE_BYTES, upload.piece), wanted.bytes)
      // With the last piece the server looks the whole file through.
      Object.assign(this.known, { phase: end < wanted.bytes ? 'sending' : 'checking', sent: upload.offset, fault: '' })
      upload = await this.carrier.send(upload.id, upload.offset, this.file.slice(upload.offset, end))
      this.backoff.reset()
    }
    if (upload.page) Object.assign(this.known, { phase: 'done', sent: wanted.bytes, page: upload.page })
  }

  private refuse(error: unknown): void {
    if (!(error instanceof Failure)) console.warn('a file could not be sent', error)
    Object.assign(this.known, { phase: 'refused', fault: codeOf(error) })
  }

  private async rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.backoff.next_ms())
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** Raises `Failure` where the browser hashes nothing: pages that did not come over TLS. */
export async function sha256(file: Blob): Promise<string> {
  if (!crypto.subtle) throw new Failure('insecure')
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
