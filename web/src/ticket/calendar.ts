/* An appointment as a file that every calendar reads (RFC 5545), with a reminder the day before and another shortly before. */

/** How long an appointment is shown to take: what the calendar draws. */
const LENGTH_S = 1800
const DAY_BEFORE = '-P1D'
const SHORTLY_BEFORE = '-PT30M'

export interface Entry {
  id: string
  /** Seconds since 1970. */
  at: number
  title: string
  text: string
  place: string
}

/** Return the file. `now` is when it was made. */
export function calendar({ id, at, title, text, place }: Entry, now: number): string {
  const alarm = (before: string): string[] => [
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${escaped(title)}`,
    `TRIGGER:${before}`,
    'END:VALARM',
  ]
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Remote Virtual Window//Appointment//ZH',
    'BEGIN:VEVENT',
    `UID:${id}@rvw`,
    `DTSTAMP:${instant(now)}`,
    `DTSTART:${instant(at)}`,
    `DTEND:${instant(at + LENGTH_S)}`,
    `SUMMARY:${escaped(title)}`,
    `DESCRIPTION:${escaped(text)}`,
    `LOCATION:${escaped(place)}`,
    ...alarm(DAY_BEFORE),
    ...alarm(SHORTLY_BEFORE),
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ]
    .flatMap(folded)
    .join('\r\n')
}

/** Of RFC 5545, 3.3.5: UTC, to the second. */
function instant(at_s: number): string {
  return `${new Date(at_s * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** Of 3.3.11. */
function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n')
}

/** Of 3.1: lines have 75 octets at most; what is longer goes on after a space. */
function folded(line: string): string[] {
  const lines: string[] = []
  let left = ''
  let octets = 0
  for (const character of line) {
    const size = new TextEncoder().encode(character).length
    if (octets + size > 75) {
      lines.push(left)
      left = ' '
      octets = 1
    }
    left += character
    octets += size
  }
  return [...lines, left]
}
