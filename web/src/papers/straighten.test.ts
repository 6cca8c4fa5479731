import { expect, test } from 'vitest'
import { give } from './looks'
import { findSheet } from './sheetFinder'
import {
  type Corners,
  convex,
  type Pixels,
  type Point,
  projection,
  sizeOf,
  straightened,
  turned,
  WHOLE,
} from './straighten'

const [W, H] = [320, 240]

/** Where a camera of focal length `focus` sees the corners of a sheet that is tilted before it. */
function seen(width: number, height: number, tilt: number, turn: number, focus: number): Corners {
  const sheet: Point[] = [
    [-width / 2, -height / 2],
    [width / 2, -height / 2],
    [width / 2, height / 2],
    [-width / 2, height / 2],
  ]
  return sheet.map(([x, y]) => {
    const [tx, ty] = [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)]
    const [py, pz] = [ty * Math.cos(tilt), 900 + ty * Math.sin(tilt)]
    return [(W / 2 + (focus * tx) / pz) / W, (H / 2 + (focus * py) / pz) / H]
  }) as unknown as Corners
}

function painted(paint: (x: number, y: number) => number, width = W, height = H): Pixels {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let at = 0; at < width * height; at++) {
    const value = paint((at % width) + 0.5, Math.floor(at / width) + 0.5)
    data.set([value, value, value, 255], at * 4)
  }
  return { width, height, data }
}

/** Where on the sheet, from 0 to 1 each way, a place of the picture is: by the inverse of the projection. */
function backwards(corners: Corners): (x: number, y: number) => Point {
  const [a, b, c, d, e, f, g, h] = projection(corners.map(([u, v]) => [u * W, v * H]) as unknown as Corners)
  return (x, y) => {
    const r = (d * h - e * g) * x + (b * g - a * h) * y + a * e - b * d
    return [
      ((e - f * h) * x + (c * h - b) * y + b * f - c * e) / r,
      ((f * g - d) * x + (a - c * g) * y + c * d - a * f) / r,
    ]
  }
}

const inside = ([u, v]: Point): boolean => u >= 0 && u <= 1 && v >= 0 && v <= 1
const TILTED = seen(420, 297, 0.35, 0.12, 350)
const onSheet = backwards(TILTED)

test.each([
  [420, 297, 0.35, 0.12],
  [297, 420, 0.3, -0.2],
  [300, 300, 0.5, 0.4],
])('a sheet of %i × %i comes out in its own proportions, however it lies', (width, height, tilt, turn) => {
  const [w, h] = sizeOf(seen(width, height, tilt, turn, 350), W, H)
  expect(Math.abs(w / h / (width / height) - 1)).toBeLessThan(0.01)
})

test('lines that were slanted stand upright, and a seam falls on one column from top to bottom', () => {
  // Left half white, right half grey; a dark table around.
  const photo = painted((x, y) => {
    const place = onSheet(x, y)
    return !inside(place) ? 20 : place[0] < 0.5 ? 250 : 120
  })
  const page = straightened(photo, TILTED, sizeOf(TILTED, W, H))
  const at = (x: number, y: number) => page.data[(y * page.width + x) * 4] as number
  const middle = page.width / 2
  for (const row of [0.05, 0.3, 0.6, 0.95].map((part) => Math.floor(page.height * part))) {
    const seam = Array.from({ length: page.width }, (_, x) => x).findIndex((x) => x > 2 && at(x, row) < 185)
    expect(Math.abs(seam - middle)).toBeLessThanOrEqual(1)
    expect(at(3, row)).toBeGreaterThan(240)
  }
})

test('the sheet is found where it lies, bright on dark and dark on bright, and nothing is found where none is', () => {
  const near = (found: Corners | undefined) => {
    expect(found).toBeDefined()
    found?.forEach(([x, y], at) => {
      const [u, v] = TILTED[at] as Point
      expect(Math.hypot((x - u) * W, (y - v) * H)).toBeLessThan(3)
    })
  }
  const writing = (place: Point) => Math.floor(place[1] * 40) % 2 === 1 && place[0] > 0.1 && place[0] < 0.8
  near(findSheet(painted((x, y) => (inside(onSheet(x, y)) ? (writing(onSheet(x, y)) ? 90 : 235) : 45))))
  near(findSheet(painted((x, y) => (inside(onSheet(x, y)) ? 60 : 225))))
  expect(findSheet(painted((x, y) => ((x * 7 + y * 13) % 97 < 48 ? 60 : 200)))).toBeUndefined()
  expect(findSheet(painted(() => 128))).toBeUndefined()
})

test('four quarters are none, and corners that cross are no sheet', () => {
  expect(turned(turned(TILTED, 1), 3)).toEqual(TILTED)
  const [w, h] = sizeOf(WHOLE, W, H)
  expect([w, h]).toEqual([W, H])
  expect(sizeOf(turned(WHOLE, 1), W, H)).toEqual([H, W])
  const photo = painted((x) => (x < W / 2 ? 0 : 200))
  // Clockwise: what was left is above.
  const page = straightened(photo, turned(WHOLE, 1), [H, W])
  expect(page.data[0]).toBe(0)
  expect(page.data[(page.height - 1) * page.width * 4]).toBe(200)
  expect(convex(TILTED)).toBe(true)
  const [a, b, c, d] = TILTED
  expect(convex([b, a, c, d])).toBe(false)
})

test('light that falls off is evened, and writing is as dark in the shadow as in the light', () => {
  const light = (x: number) => 120 + (120 * x) / W
  const page = painted((x, y) => (Math.floor(y / 3) % 4 === 0 ? light(x) * 0.35 : light(x)))
  give('clear', page)
  const at = (x: number, y: number) => page.data[(y * W + x) * 4] as number
  for (const x of [10, 160, 310]) {
    expect(at(x, 100)).toBeGreaterThan(235) // paper: stripe 33, of which 33 % 4 is 1
    expect(at(x, 97)).toBeLessThan(75) // writing: stripe 32
  }
})

test('twelve megapixels are straightened in the time that a resident does not notice', () => {
  const photo = { width: 4000, height: 3000, data: new Uint8ClampedArray(4000 * 3000 * 4).fill(200) }
  const begin = performance.now()
  const page = straightened(photo, TILTED, sizeOf(WHOLE, 4000, 3000))
  const straight_ms = performance.now() - begin
  give('clear', page)
  const clear_ms = performance.now() - begin - straight_ms
  console.info(`12 MP: straightened in ${straight_ms.toFixed(0)} ms, cleared in ${clear_ms.toFixed(0)} ms`)
  expect(page.width * page.height).toBe(12_000_000)
  expect(straight_ms + clear_ms).toBeLessThan(20_000)
}, 30_000)
