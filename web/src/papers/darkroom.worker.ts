/* The work on one still, away from the page: pixels of twelve megapixels would stop it for a second. */

import type { Answer, FromDarkroom, ToDarkroom } from './darkroom'
import { give } from './looks'
import { findSheet } from './sheetFinder'
import { type Pixels, sizeOf, straightened } from './straighten'

/** A corner that is found is off by a pixel of this: small enough to be seen by nobody. */
const FINDING = 800
const PREVIEW = 1600
const QUALITY = 0.92

let still: Pixels | undefined
let small: Pixels | undefined

addEventListener('message', async (message: MessageEvent<ToDarkroom>) => {
  const { id, ask } = message.data
  try {
    const answer = ask.type === 'load' ? load(ask.picture) : await develop(ask)
    postMessage({ id, answer } satisfies FromDarkroom)
  } catch (error) {
    postMessage({ id, fault: String(error) } satisfies FromDarkroom)
  }
})

/** Keep the still, and tell where a sheet lies in it. */
function load(picture: ImageBitmap): Answer {
  still = pixelsOf(picture, picture.width, picture.height)
  const scale = Math.min(1, PREVIEW / Math.max(picture.width, picture.height))
  small = pixelsOf(picture, Math.round(picture.width * scale), Math.round(picture.height * scale))
  const least = FINDING / Math.max(picture.width, picture.height)
  const corners = findSheet(pixelsOf(picture, Math.round(picture.width * least), Math.round(picture.height * least)))
  picture.close()
  return { type: 'loaded', corners: corners ?? null }
}

async function develop(ask: Extract<ToDarkroom['ask'], { type: 'develop' }>): Promise<Answer> {
  const from = ask.preview ? small : still
  if (!from) throw new Error('there is no still')
  const [width, height] = sizeOf(ask.corners, from.width, from.height)
  const page = straightened(from, ask.corners, [width, height])
  give(ask.look, page)
  const canvas = new OffscreenCanvas(width, height)
  canvas.getContext('2d')?.putImageData(new ImageData(page.data as Uint8ClampedArray<ArrayBuffer>, width, height), 0, 0)
  return { type: 'developed', page: await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY }) }
}

function pixelsOf(picture: ImageBitmap, width: number, height: number): Pixels {
  const canvas = new OffscreenCanvas(width, height)
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  if (!pen) throw new Error('this browser has no canvas here')
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(picture, 0, 0, width, height)
  return pen.getImageData(0, 0, width, height)
}
