/* Camera and microphone: getting them, and saying in a word why not. Each is asked for alone when both together fail, so
   that a missing camera does not take the voice away. The camera that papers lie under shows nobody's face. */

import { forFace } from './cameras'

export type Fault = 'insecure' | 'denied' | 'missing' | 'busy' | 'other'
export type Device = 'camera' | 'mic'
export type Got = { track: MediaStreamTrack } | { fault: Fault }

const WANTED: Record<Device, MediaStreamConstraints> = {
  camera: {
    video: {
      width: { ideal: 1280, max: 1280 },
      height: { ideal: 720, max: 720 },
      frameRate: { ideal: 30, max: 30 },
      facingMode: 'user',
    },
  },
  mic: { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } },
}

async function wanted(device: Device): Promise<MediaStreamConstraints> {
  const face = device === 'camera' ? await forFace() : undefined
  if (face === undefined) return WANTED[device]
  const video = { ...(WANTED.camera.video as MediaTrackConstraints), deviceId: { exact: face } }
  return { video }
}

export async function acquireAll(all: readonly Device[]): Promise<Partial<Record<Device, Got>>> {
  const [only] = all
  return all.length === 1 && only ? { [only]: await acquire(only) } : acquireBoth()
}

async function acquireBoth(): Promise<Record<Device, Got>> {
  if (!navigator.mediaDevices) return { camera: { fault: 'insecure' }, mic: { fault: 'insecure' } }
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ ...(await wanted('camera')), ...WANTED.mic })
    const [camera] = stream.getVideoTracks()
    const [mic] = stream.getAudioTracks()
    if (camera && mic) return { camera: { track: camera }, mic: { track: mic } }
  } catch {
    // Which of the two it was, only asking one by one can tell.
  }
  return { camera: await acquire('camera'), mic: await acquire('mic') }
}

async function acquire(device: Device): Promise<Got> {
  if (!navigator.mediaDevices) return { fault: 'insecure' }
  try {
    const stream = await navigator.mediaDevices.getUserMedia(await wanted(device))
    const [track] = stream.getTracks()
    return track ? { track } : { fault: 'missing' }
  } catch (error) {
    return { fault: faultOf(error) }
  }
}

/** https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia names the errors. */
export function faultOf(error: unknown): Fault {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing'
    case 'NotReadableError':
    case 'AbortError':
      return 'busy'
    default:
      return 'other'
  }
}
