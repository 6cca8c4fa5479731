/* Sounds made of two soft tones: no file to load. A browser that has not been touched yet stays silent, without error. */

const NOTES = { call: [660, 880], begin: [523, 784] } as const

export function chime(what: keyof typeof NOTES): void {
  try {
    const context = new AudioContext()
    NOTES[what].forEach((hertz, n) => {
      const start = context.currentTime + n * 0.22
      const tone = new OscillatorNode(context, { type: 'sine', frequency: hertz })
      const gain = new GainNode(context, { gain: 0 })
      gain.gain.setTargetAtTime(0.25, start, 0.015)
      gain.gain.setTargetAtTime(0, start + 0.18, 0.06)
      tone.connect(gain).connect(context.destination)
      tone.start(start)
      tone.stop(start + 0.7)
    })
    setTimeout(() => void context.close(), 1500)
  } catch {
    // A machine without sound output still shows the visit.
  }
}
