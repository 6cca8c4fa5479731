/* Which camera is for what, where a machine has several: the one that papers lie under shows nobody's face. The choice is this
   machine's, made once when it is set up. */

const KEY = 'rvw.document-camera'

/** The camera that was chosen for papers; empty: none was. */
export function paperCamera(): string {
  return localStorage.getItem(KEY) ?? ''
}

export function choosePaperCamera(id: string): void {
  localStorage.setItem(KEY, id)
}

/** The ids of all cameras; empty before the browser may use one. */
export async function cameras(): Promise<MediaDeviceInfo[]> {
  return (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === 'videoinput')
}

/** Which camera is for papers: the chosen one, else one that shows nobody's face, else the only one. Pure. */
export function forPapers(ids: readonly string[], chosen: string, face: string): string | undefined {
  if (ids.includes(chosen)) return chosen
  return ids.find((one) => one !== face) ?? ids[0]
}

/** Which camera is for the face, if not any: one that was not chosen for papers. */
export async function forFace(): Promise<string | undefined> {
  const chosen = paperCamera()
  if (!chosen) return undefined
  const ids = (await cameras()).map((one) => one.deviceId)
  return ids.includes(chosen) ? ids.find((one) => one !== chosen) : undefined
}
