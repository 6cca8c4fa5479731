/* What keys do while one watches. Keys that somebody types into a field, or that a button takes for itself, do nothing here. Pure. */

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const

export type Wish =
  | { do: 'play' | 'full' | 'mute' | 'search' | 'help' }
  | { do: 'step'; seconds: number }
  | { do: 'next'; way: 1 | -1 }
  | { do: 'speed'; way: 1 | -1 }
  | { do: 'go'; share: number }

interface Pressed {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}

/** In which kind of element the key was pressed: words are written, or a button or list is worked with, or neither. */
export type Place = 'words' | 'button' | 'page'

export function wish({ key, ctrlKey, metaKey, altKey }: Pressed, place: Place): Wish | undefined {
  if (ctrlKey || metaKey || altKey || place === 'words') return undefined
  switch (key) {
    case ' ':
      return place === 'button' ? undefined : { do: 'play' }
    case 'k':
      return { do: 'play' }
    case 'ArrowLeft':
      return { do: 'step', seconds: -5 }
    case 'ArrowRight':
      return { do: 'step', seconds: 5 }
    case 'j':
      return { do: 'step', seconds: -10 }
    case 'l':
      return { do: 'step', seconds: 10 }
    case 'n':
      return { do: 'next', way: 1 }
    case 'p':
      return { do: 'next', way: -1 }
    case '<':
    case ',':
      return { do: 'speed', way: -1 }
    case '>':
    case '.':
      return { do: 'speed', way: 1 }
    case 'Home':
      return { do: 'go', share: 0 }
    case 'End':
      return { do: 'go', share: 1 }
    case 'm':
      return { do: 'mute' }
    case 'f':
      return { do: 'full' }
    case '/':
      return { do: 'search' }
    case '?':
      return { do: 'help' }
    default:
      return undefined
  }
}

/** The next slower or faster speed. */
export function faster(rate: number, way: 1 | -1): number {
  const at = RATES.findIndex((one) => one >= rate)
  return RATES[Math.max(0, Math.min(RATES.length - 1, at + way))] ?? 1
}
