/* How people misspell, as `rvw/domain/catalogue/spelling.py` has it. */

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** Pairs that many people around the Yangtze delta do not tell apart, in this order. */
const FOLDS: [string, string][] = [
  ['zh', 'z'],
  ['ch', 'c'],
  ['sh', 's'],
  ['ang', 'an'],
  ['eng', 'en'],
  ['ing', 'in'],
]

/** Fewer letters are too few to guess that one of them is wrong. */
export const SHORTEST = 4

/** Nothing but ASCII. */
export const LETTERED = /^[\x20-\x7e]*$/

/** Small letters, full-width forms as ASCII, no accents (ü is v), no punctuation; words one space apart. */
export function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ü', 'v')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

export function fold(spelt: string): string {
  return FOLDS.reduce((text, [heard, written]) => text.replaceAll(heard, written), spelt)
}

/** Whether `typed` spells the first syllables, each by its first letters: `yibk`, `ybaok` for yi bao ka. */
export function abbreviates(typed: string, syllables: readonly string[], at = 0): boolean {
  if (!typed) return true
  const first = syllables[at]
  if (!first || typed[0] !== first[0]) return false
  let longest = first.length
  while (longest && !typed.startsWith(first.slice(0, longest))) longest--
  for (; longest; longest--) if (abbreviates(typed.slice(longest), syllables, at + 1)) return true
  return false
}

/** What may have been meant, one letter being left out, doubled, swapped with the next or wrong; never the first one. */
export function slips(typed: string): Set<string> {
  const meant = new Set<string>()
  for (let at = 1; at <= typed.length; at++) {
    const [before, after] = [typed.slice(0, at), typed.slice(at)]
    if (after) meant.add(before + after.slice(1))
    if (after.length > 1) meant.add(before + after[1] + after[0] + after.slice(2))
    for (const letter of LETTERS) {
      if (after) meant.add(before + letter + after.slice(1))
      meant.add(before + letter + after)
    }
  }
  return meant
}
