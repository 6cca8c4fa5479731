/* What this page asks of the server about an application. Each raises `Failure`. */

import type {
  Application,
  DocumentFile,
  DocumentMade,
  DocumentPages,
  DocumentShown,
  InkGiven,
  KioskDevices,
  Masked,
  NumberTold,
  PhotoTold,
  Signed,
  SigningInk,
  SigningLink,
  SigningPaper,
  VerdictWanted,
} from '../protocol/types'
import { request } from '../visit/session'

function at(visit: string, path: string): string {
  return `/api/visits/${encodeURIComponent(visit)}/${path}`
}

export function readApplication(visit: string, token: string): Promise<Application> {
  return request<Application>(at(visit, 'application'), undefined, token)
}

export function readDevices(token: string): Promise<KioskDevices> {
  return request<KioskDevices>('/api/devices', undefined, token)
}

/** What one page asks for one visit. */
export class Requests {
  constructor(
    private readonly visit: string,
    private readonly token: string,
  ) {}

  show(shown: DocumentShown): Promise<Masked> {
    return this.post<Masked>('identity', shown)
  }

  showCode(code: string): Promise<Masked> {
    return this.post<Masked>('identity/code', { code })
  }

  challenge(): Promise<VerdictWanted> {
    return this.post<VerdictWanted>('identity/challenge', {})
  }

  verdict(result: string): Promise<Application> {
    return this.post<Application>('identity/verdict', { result })
  }

  number(proof: string): Promise<NumberTold> {
    return this.post<NumberTold>(`identity/numbers/${proof}`, {})
  }

  photo(sha256: string): Promise<PhotoTold> {
    return request<PhotoTold>(at(this.visit, `identity/photos/${sha256}`), undefined, this.token)
  }

  fillNumber(field: string, number: string): Promise<Masked> {
    return this.post<Masked>('form/numbers', { field, number })
  }

  confirm(version: number): Promise<DocumentMade> {
    return this.post<DocumentMade>('form/confirmation', { version })
  }

  /** What the resident was told and has answered, as a document that can be signed. */
  documentConsent(): Promise<DocumentMade> {
    return this.post<DocumentMade>('consent', {})
  }

  pages(document: string): Promise<DocumentPages> {
    return request<DocumentPages>(at(this.visit, `documents/${document}`), undefined, this.token)
  }

  file(document: string): Promise<DocumentFile> {
    return request<DocumentFile>(at(this.visit, `documents/${document}/file`), undefined, this.token)
  }

  sign(given: InkGiven): Promise<Signed> {
    return this.post<Signed>('signatures', given)
  }

  signingLink(): Promise<SigningLink> {
    return this.post<SigningLink>('signatures/links', { origin: location.origin })
  }

  private post<T>(path: string, body: object): Promise<T> {
    return request<T>(at(this.visit, path), body, this.token)
  }
}

/** On a telephone: what a link is for. */
export function readPaper(link: string): Promise<SigningPaper> {
  return request<SigningPaper>('/api/signing', { link })
}

/** On a telephone: sign, once. */
export function signByLink(given: SigningInk): Promise<Signed> {
  return request<Signed>('/api/signing/ink', given)
}
