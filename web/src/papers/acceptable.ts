/* What of a chosen file is sent. JPEG, PNG and PDF go as they are, byte for byte; another picture becomes a JPEG where this
   browser can read it (HEIC of a telephone: Safari can, others mostly cannot). What a file is its first bytes say, as at the
   server; names and declared types are not believed. */

import { Failure } from '../visit/session'

const QUALITY = 0.92
const STARTS: readonly (readonly number[])[] = [
  [0xff, 0xd8, 0xff],
  [0x89, 0x50, 0x4e, 0x47],
  [0x25, 0x50, 0x44, 0x46],
]
const HEIF = new Set(['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1'])

/** For `accept`: telephones then offer camera and album. */
export const CHOOSABLE = 'image/*,application/pdf'

export function taken(head: Uint8Array): boolean {
  return STARTS.some((start) => start.every((byte, at) => head[at] === byte))
}

/** It has pages of its own, and no corners to be put. */
export async function isDocument(file: Blob): Promise<boolean> {
  return new TextDecoder('latin1').decode(await file.slice(0, 5).arrayBuffer()) === '%PDF-'
}

/** ISO/IEC 14496-12, section 4.3: the brand of a file stands after `ftyp`. */
export function isHeif(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head.subarray(4, 12))
  return text.startsWith('ftyp') && HEIF.has(text.slice(4))
}

/** Raises `Failure`: `file_heic` for a picture of a telephone that this browser cannot read, `file_type` for what is no picture. */
export async function acceptable(file: Blob): Promise<Blob> {
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer())
  if (taken(head)) return file
  const picture = await createImageBitmap(file).catch(() => {
    throw new Failure(isHeif(head) ? 'file_heic' : 'file_type')
  })
  try {
    return await asJpeg(picture)
  } finally {
    picture.close()
  }
}

/** On white, because JPEG has nothing transparent. */
export async function asJpeg(picture: ImageBitmap): Promise<Blob> {
  const canvas = new OffscreenCanvas(picture.width, picture.height)
  const pen = canvas.getContext('2d')
  if (!pen) throw new Failure('unknown')
  pen.fillStyle = '#ffffff'
  pen.fillRect(0, 0, picture.width, picture.height)
  pen.drawImage(picture, 0, 0)
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
}
