/* What is typed of a ticket: a letter, three digits, and the four digits that prove it. On a keyboard the same keys count,
   and a reader of QR codes is a keyboard too: it types the whole text and Enter at the end. */

/** The letters of ticket codes: `rvw/ids.py`, TICKET_LETTERS. */
export const LETTERS = [...'ACDEFGHJKMNPQRTUVWXY']
export const LENGTH = 8
/** What our QR codes begin with: `signaling/tickets.py`. */
const QR_PREFIX = 'rvw:'
/** What a reader's text begins with: the code of a ticket, or the link that telephones follow and that ends in it. */
const BEGINNINGS = [QR_PREFIX, 'http']

/** The ticket in a QR code's text, whether it is a link or not; empty for another's code. */
export function ticketIn(text: string): string {
  const at = text.indexOf(QR_PREFIX)
  return at < 0 ? '' : text.slice(at)
}

/** Whether `key` may come next. */
export function reads(typed: string, key: string): boolean {
  if (typed.length >= LENGTH) return false
  return typed ? /^[0-9]$/.test(key) : LETTERS.includes(key)
}

interface Hearers {
  key: (key: string) => void
  erase: () => void
  scanned: (text: string) => void
}

/** Tells a reader's text from a person's keys: no ticket begins like it. */
export class Keys {
  private heard = ''

  constructor(private readonly hearers: Hearers) {}

  /** Take a key of the keyboard; tells whether it was one for us. */
  hear(key: string): boolean {
    if (key === 'Backspace') this.hearers.erase()
    else if (key === 'Enter') return this.enter()
    else if (key.length === 1) this.character(key)
    else return false
    return true
  }

  private enter(): boolean {
    const text = this.heard
    this.heard = ''
    if (!ticketIn(text)) return false
    this.hearers.scanned(ticketIn(text))
    return true
  }

  private character(key: string): void {
    this.heard += key
    const beginning = this.heard.slice(0, QR_PREFIX.length)
    if (BEGINNINGS.some((one) => one.startsWith(beginning))) return
    for (const one of this.heard) this.hearers.key(one.toUpperCase())
    this.heard = ''
  }
}
