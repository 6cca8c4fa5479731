/* The document camera: which one it is, its own picture at the sensor's full size, and a still of it. A still is taken of the
   local track, and never of what the window forwards. */

import { cameras, choosePaperCamera, forPapers, paperCamera } from '../visit/cameras'
import { type Fault, faultOf } from '../visit/devices'
import { asJpeg } from './acceptable'

/** More than any sensor has: the browser gives the most that there is. */
const MOST = 16_384
/** Drivers that never answer exist. */
const PHOTO_WITHIN_MS = 6_000

/** The parts of ImageCapture (W3C) that are used: TypeScript does not know it. */
interface Photographer {
  takePhoto: (settings?: { imageWidth: number; imageHeight: number }) => Promise<Blob>
  getPhotoCapabilities: () => Promise<{ imageWidth?: { max: number }; imageHeight?: { max: number } }>
}

export interface Opened {
  track: MediaStreamTrack
  /** It is the one that shows the resident's face: a paper is held up to it. */
  facing: boolean
  /** How many there are to choose from. */
  others: number
}

/** Open it, or tell why not. `face` is the camera that is in use for the talk; `spared`: it is left to the talk. */
export async function openCamera(face: string, spared = false): Promise<Opened | { fault: Fault }> {
  if (!navigator.mediaDevices) return { fault: 'insecure' }
  try {
    const ids = (await cameras()).map((one) => one.deviceId)
    const id = forPapers(ids, paperCamera(), face)
    const facing = id === face || ids.length === 1
    if (id === undefined || (facing && spared)) return { fault: 'missing' }
    const size = { width: { ideal: MOST }, height: { ideal: MOST } }
    const stream = await navigator.mediaDevices.getUserMedia({ video: { deviceId: { exact: id }, ...size } })
    const [track] = stream.getVideoTracks()
    return track ? { track, facing, others: ids.length - 1 } : { fault: 'missing' }
  } catch (error) {
    return { fault: faultOf(error) }
  }
}

/** Choose the next camera for papers. */
export async function nextCamera(now: string): Promise<void> {
  const ids = (await cameras()).map((one) => one.deviceId)
  const next = ids[(ids.indexOf(now) + 1) % ids.length]
  if (next) choosePaperCamera(next)
}

/** A still of at least the size of the track: a photograph where the camera takes one, else the whole frame. */
export async function takeStill(track: MediaStreamTrack, video: HTMLVideoElement): Promise<Blob> {
  const photo = await photograph(track).catch(() => undefined)
  if (photo) {
    const picture = await createImageBitmap(photo)
    try {
      if (picture.width * picture.height >= video.videoWidth * video.videoHeight) {
        // A JPEG is what the camera made, byte for byte. PNG of twelve megapixels are thirty megabytes.
        return photo.type === 'image/jpeg' ? photo : await asJpeg(picture)
      }
    } finally {
      picture.close()
    }
  }
  const frame = await createImageBitmap(video)
  try {
    return await asJpeg(frame)
  } finally {
    frame.close()
  }
}

async function photograph(track: MediaStreamTrack): Promise<Blob | undefined> {
  const Make = (globalThis as { ImageCapture?: new (track: MediaStreamTrack) => Photographer }).ImageCapture
  if (!Make) return undefined
  const camera = new Make(track)
  const { imageWidth, imageHeight } = await camera.getPhotoCapabilities()
  const { width = 0, height = 0 } = track.getSettings()
  const larger = (imageWidth?.max ?? 0) * (imageHeight?.max ?? 0) > width * height
  const settings = larger ? { imageWidth: imageWidth?.max ?? 0, imageHeight: imageHeight?.max ?? 0 } : undefined
  return Promise.race([
    camera.takePhoto(settings),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PHOTO_WITHIN_MS)),
  ])
}
