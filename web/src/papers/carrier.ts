/* How a file travels to the server: announced, then piece by piece (`signaling/uploads/taking.py`). Each raises `Failure`. */

import type { Problem, Upload, UploadWanted } from '../protocol/types'
import { Failure, request } from '../visit/session'

export interface Carrier {
  begin: (wanted: UploadWanted) => Promise<Upload>
  send: (upload: string, offset: number, piece: Blob) => Promise<Upload>
}

export function carrier(visit: string, token: string): Carrier {
  const uploads = `/api/visits/${encodeURIComponent(visit)}/uploads`
  return {
    begin: (wanted) => request<Upload>(uploads, wanted, token),
    send: (upload, offset, piece) => put(`${uploads}/${upload}?offset=${offset}`, piece, token),
  }
}

async function put(path: string, piece: Blob, token: string): Promise<Upload> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' }
  const response = await fetch(path, { method: 'PUT', headers, body: piece }).catch(() => {
    throw new Failure('offline')
  })
  if (response.ok) return (await response.json()) as Upload
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined
  throw new Failure(problem?.code ?? 'unavailable')
}
