/* How loud a microphone is, 0 to 1, for the meter of the device check. */

export function listen(track: MediaStreamTrack, report: (level: number) => void): () => void {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
    // -60 dB is a quiet room, -15 dB is close speech.
    report(Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-10) + 60) / 45)))
  }, 80)
  return () => {
    clearInterval(timer)
    void context.close()
  }
}
