/* The fixed sections of the layout on a connection: every offer has them all, in order. */

import { LAYOUT } from '../protocol/types'

const ENCODING: Record<string, RTCRtpEncodingParameters> = {
  camera: { maxBitrate: 1_500_000 },
  share: { maxBitrate: 2_500_000, maxFramerate: 15 },
}
/** Add every section; returns what will arrive, by the name of its in-slot. The deployment's own codecs alone keep the offer
    short and every receiver able to show every sender. */
export function addSlots(pc: RTCPeerConnection, video: readonly string[]): [string, MediaStream][] {
  const codecs = { video: [...video, 'rtx'], audio: ['opus'] }
  return LAYOUT.map((slot) => addSlot(pc, slot, codecs[slot.kind])).filter((one) => one !== undefined)
}

export function transceiverOf(
  pc: RTCPeerConnection | undefined,
  name: string,
  direction: 'in' | 'out',
): RTCRtpTransceiver | undefined {
  return pc?.getTransceivers()[LAYOUT.findIndex((one) => one.name === name && one.direction === direction)]
}

function addSlot(
  pc: RTCPeerConnection,
  slot: (typeof LAYOUT)[number],
  codecs: string[],
): [string, MediaStream] | undefined {
  const sends = slot.direction === 'out'
  const encoding = sends ? ENCODING[slot.name] : undefined
  const transceiver = pc.addTransceiver(slot.kind, {
    direction: sends ? 'sendonly' : 'recvonly',
    ...(encoding ? { sendEncodings: [encoding] } : {}),
  })
  const known = (sends ? RTCRtpSender : RTCRtpReceiver).getCapabilities(slot.kind)?.codecs ?? []
  const wanted = codecs.map((codec) => `${slot.kind}/${codec.toLowerCase()}`)
  transceiver.setCodecPreferences(known.filter((codec) => wanted.includes(codec.mimeType.toLowerCase())))
  return sends ? undefined : [slot.name, new MediaStream([transceiver.receiver.track])]
}
