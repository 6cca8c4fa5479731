/* What this page asks of the server about papers. Each raises `Failure`. */

import type { LicencesFound, NoticeMade, NoticeWanted, PaperFile, Papers, PhoneLink, Problem } from '../protocol/types'
import { save } from '../ui/save'
import { Failure, request } from '../visit/session'

function at(visit: string, path: string): string {
  return `/api/visits/${encodeURIComponent(visit)}/${path}`
}

/** Everything that has been handed in, and how it stands. */
export function readPapers(visit: string, token: string): Promise<Papers> {
  return request<Papers>(at(visit, 'papers'), undefined, token)
}

/** Tell the resident in writing what is missing, as it has been seen on this page. */
export function giveNotice(visit: string, wanted: NoticeWanted, token: string): Promise<NoticeMade> {
  return request<NoticeMade>(at(visit, 'notices'), wanted, token)
}

/** The electronic licences that could stand for a paper, of whoever was confirmed. */
export async function findLicences(visit: string, material: string, token: string): Promise<LicencesFound['licences']> {
  return (await request<LicencesFound>(at(visit, 'licences/search'), { material }, token)).licences
}

/** Refer to one of them. */
export function referTo(visit: string, material: string, licence: string, token: string): Promise<Papers> {
  return request<Papers>(at(visit, 'licences'), { material, licence }, token)
}

/** A file of the papers, the view of a page, or its thumbnail. */
export async function readFile(visit: string, sha256: string, token: string): Promise<Blob> {
  const response = await fetch(at(visit, `files/${sha256}`), { headers: { authorization: `Bearer ${token}` } }).catch(
    () => {
      throw new Failure('offline')
    },
  )
  if (response.ok) return await response.blob()
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined
  throw new Failure(problem?.code ?? 'unavailable')
}

const ENDINGS: Record<string, string> = { 'image/jpeg': '.jpg', 'image/png': '.png', 'application/pdf': '.pdf' }

/** Save a file of the papers on this machine, as it is kept. */
export async function saveFile(visit: string, file: PaperFile, name: string, token: string): Promise<void> {
  save(await readFile(visit, file.sha256, token), name + (ENDINGS[file.type] ?? ''))
}

/** A one-time link, under the address of this page, for a telephone that is to send pictures. */
export function invitePhone(visit: string, token: string): Promise<PhoneLink> {
  return request<PhoneLink>(at(visit, 'phones'), { origin: location.origin }, token)
}
