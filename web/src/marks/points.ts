/* Points on the wire: second differences in Base64 VLQ, as `rvw/domain/marks.py` packs them. A hand moves smoothly, so most
   numbers are one character. Places are 0 to 10,000 of what is drawn on, each way. Pure. */

export type Point = readonly [x: number, y: number]

/** The far corner of whatever is drawn on. */
export const FULL = 10_000

/** The most points of one mark; a longer stroke goes on as another. */
export const MAX_POINTS = 600

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function pack(points: readonly Point[]): string {
  let text = ''
  let [x, y, dx, dy] = [0, 0, 0, 0]
  points.forEach(([toX, toY], at) => {
    const [nowX, nowY] = [toX - x, toY - y]
    text += vlq(nowX - dx) + vlq(nowY - dy)
    // The first point is a jump from the corner, not a movement that goes on.
    ;[dx, dy] = at ? [nowX, nowY] : [0, 0]
    ;[x, y] = [toX, toY]
  })
  return text
}

export function unpack(text: string): Point[] {
  const numbers = numbersOf(text)
  const points: Point[] = []
  let [x, y, dx, dy] = [0, 0, 0, 0]
  for (let at = 0; at + 1 < numbers.length; at += 2) {
    dx += numbers[at] ?? 0
    dy += numbers[at + 1] ?? 0
    x += dx
    y += dy
    points.push([within(x), within(y)])
    if (at === 0) [dx, dy] = [0, 0]
  }
  return points
}

export const within = (place: number): number => Math.min(FULL, Math.max(0, place))

function vlq(number: number): string {
  let rest = Math.abs(number) * 2 + (number < 0 ? 1 : 0)
  let text = ''
  do {
    const digit = rest & 31
    rest >>= 5
    text += ALPHABET[digit | (rest ? 32 : 0)]
  } while (rest)
  return text
}

function numbersOf(text: string): number[] {
  const numbers: number[] = []
  let [whole, shift] = [0, 0]
  for (const one of text) {
    const digit = ALPHABET.indexOf(one)
    whole += (digit & 31) << shift
    shift += 5
    if (digit & 32) continue
    numbers.push(whole & 1 ? -(whole >> 1) : whole >> 1)
    ;[whole, shift] = [0, 0]
  }
  return numbers
}
