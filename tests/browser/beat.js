// A white flash and a beep at the same moment of one clock, once a second; and how far apart somebody sees and hears them.
// Added to `media_page.html`. Sender and receiver are measured in the same way, so that what the browser itself adds cancels.
const beat = { period: 1, lasts: 0.1, loud: 0.05, bright: 128 };

const LISTENER = `registerProcessor('onset', class extends AudioWorkletProcessor {
  constructor() { super(); this.quietSince = 0; }
  process([[samples]]) {
    const at = samples ? samples.findIndex((one) => Math.abs(one) > ${beat.loud}) : -1;
    if (at < 0) return true;
    const time = currentTime + at / sampleRate;
    if (time - this.quietSince > 0.3) this.port.postMessage(time);
    this.quietSince = time;
    return true;
  }
})`;

async function clock() {
  if (!beat.context) {
    beat.context = new AudioContext();
    await beat.context.audioWorklet.addModule(URL.createObjectURL(new Blob([LISTENER], { type: 'text/javascript' })));
  }
  await beat.context.resume();
  return beat.context;
}

// Picture and sound of the beat, as two tracks.
async function makeBeat() {
  const context = await clock();
  const sound = context.createMediaStreamDestination();
  const [oscillator, gain] = [context.createOscillator(), context.createGain()];
  oscillator.frequency.value = 1000;
  gain.gain.value = 0;
  oscillator.connect(gain).connect(sound);
  oscillator.start();
  let next = Math.ceil(context.currentTime + 0.5);
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  const pen = canvas.getContext('2d');
  let frame = 0;
  setInterval(() => {
    for (; next < context.currentTime + 2; next += beat.period) {
      gain.gain.setValueAtTime(0.5, next);
      gain.gain.setValueAtTime(0, next + beat.lasts);
    }
    pen.fillStyle = context.currentTime % beat.period < beat.lasts ? 'white' : 'black';
    pen.fillRect(0, 0, 320, 240);
    pen.fillStyle = (frame += 1) % 2 ? '#333' : '#444'; // a canvas that does not change gives no frames
    pen.fillRect(0, 230, 10, 10);
  }, 10);
  beat.picture = canvas.captureStream(30).getVideoTracks()[0];
  beat.sound = sound.stream.getAudioTracks()[0];
}

async function sendBeat() {
  if (!beat.sound) await makeBeat();
  await peer.out.mic.sender.replaceTrack(beat.sound);
  await peer.out.camera.sender.replaceTrack(beat.picture);
}

// The one in the middle.
const middle = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];

// By how many ms each beep comes after its flash: so many of them, or fewer, if the last few lie around `aim` in between.
async function offsets(picture, sound, { most, last = most, aim = 0, apart = 0 }) {
  const context = await clock();
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject: new MediaStream([picture]) });
  const player = Object.assign(new Audio(), { muted: true, srcObject: new MediaStream([sound]) });
  const source = context.createMediaStreamSource(new MediaStream([sound]));
  const listener = new AudioWorkletNode(context, 'onset', { numberOfOutputs: 0 });
  source.connect(listener);
  document.body.append(video);
  await Promise.all([video.play(), player.play()]);
  const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const flashes = [];
  let [white, going] = [true, true];
  const look = (_, { expectedDisplayTime }) => {
    pen.drawImage(video, 0, 0, 1, 1);
    const now = pen.getImageData(0, 0, 1, 1).data[1] > beat.bright;
    if (now && !white) flashes.push(expectedDisplayTime);
    white = now;
    if (going) video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  const beeps = [];
  listener.port.onmessage = ({ data }) => {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    beeps.push(performanceTime + 1000 * (data - contextTime));
  };
  const pairs = () => beeps.map((beep) => [beep, flashes.find((flash) => Math.abs(flash - beep) < 450)]).filter(([, one]) => one);
  const together = (all) => all.length >= last && Math.abs(middle(all.slice(-last)) - aim) < apart;
  const apartMs = () => pairs().map(([beep, flash]) => beep - flash);
  await until(() => apartMs().length >= most || together(apartMs()));
  going = false;
  source.disconnect();
  video.remove();
  for (const one of [video, player]) one.srcObject = null;
  return apartMs();
}

const ownOffsets = (how) => offsets(beat.picture.clone(), beat.sound.clone(), how);
const offsetsOf = (number, how) =>
  offsets(peer.into[`face${number}`].receiver.track, peer.into[`voice${number}`].receiver.track, how);
