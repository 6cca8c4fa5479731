/* Find a matter by what people say: Chinese, pinyin, first letters, everyday words, English, and all of them misspelt.

   The rules are those of `rvw/domain/catalogue/search.py`, number by number, so that a kiosk ranks as the server does
   even when the line is down; `search.fixture.json`, made by the Python code, holds the two together. */

import type { Matter } from '../protocol/types'
import { abbreviates, fold, LETTERED, plain, SHORTEST, slips } from './spelling'

const [EXACT, BEGINS, WITHIN] = [1000, 900, 700]
const SAID = 620
const [PINYIN_LESS, INITIALS_LESS, FOLDED_LESS] = [40, 120, 260]
const [HALF_TYPED, SLIPPED, ALIKE, CATEGORY] = [600, 480, 300, 300]
const WORDS = 760
const [A_CHARACTER, NAME_MORE, COVER] = [24, 15, 60]
const GOOD = 600
const KEEP = 45
const LONGEST = 64
const STOP = new Set('a an the my me i for of to in on and or is do how want need'.split(' '))
const HAN = /[\u4e00-\u9fff]/

type Scores = Map<number, number>
type Found = Iterable<[owner: number, score: number]>

/** Phrases of one kind, and where each belongs. */
class Shelf {
  readonly texts: string[] = []
  readonly owners: number[] = []
  private readonly all: string
  private readonly begins: number[] = []
  private readonly order: number[]

  constructor(phrases: Iterable<readonly [text: string, owner: number]>) {
    let at = 1
    for (const [text, owner] of phrases) {
      this.texts.push(text)
      this.owners.push(owner)
      this.begins.push(at)
      at += text.length + 1
    }
    this.all = `\n${this.texts.join('\n')}\n`
    this.order = this.texts.map((_, number) => number).sort((a, b) => (this.text(a) < this.text(b) ? -1 : 1))
  }

  text(number: number): string {
    return this.texts[number] ?? ''
  }

  owner(number: number): number {
    return this.owners[number] ?? -1
  }

  *within(typed: string): Iterable<[number: number, offset: number]> {
    for (let at = this.all.indexOf(typed); at >= 0; at = this.all.indexOf(typed, at + 1)) {
      const number = least(this.begins.length, (n) => (this.begins[n] ?? 0) > at) - 1
      yield [number, at - (this.begins[number] ?? 0)]
    }
  }

  beginning(typed: string): number[] {
    const ordered = (n: number) => this.text(this.order[n] ?? -1)
    const first = least(this.order.length, (n) => ordered(n) >= typed)
    return this.order.slice(
      first,
      least(this.order.length, (n) => ordered(n) >= `${typed}\uffff`),
    )
  }
}

/** The matters of a page, ready to be searched. */
export class MatterIndex {
  private readonly han: Shelf
  private readonly hanNames: boolean[]
  private readonly pinyin: Shelf
  private readonly pinyinNames: boolean[]
  private readonly syllables: string[][]
  private readonly initials: Shelf
  private readonly folded: Shelf
  private readonly english: Shelf
  private readonly tokens: Shelf
  private readonly phrases = new Map<string, number[]>()
  private readonly pairs = new Map<string, number[]>()
  private readonly categories: [string, string][]

  constructor(readonly matters: readonly Matter[]) {
    const told = matters.flatMap((m, n) => spoken(m).map((text, at) => [squeezed(text), n, at === 0] as const))
    const spelt = matters.flatMap((m, n) => syllables(m).map((phrase, at) => [phrase, n, at === 0] as const))
    const english = matters.flatMap((m, n) =>
      latin(m)
        .map((text) => [plain(text), n] as const)
        .filter(([text]) => text),
    )
    this.han = new Shelf(told.map(([text, n]) => [text, n]))
    this.hanNames = told.map(([, , isName]) => isName)
    this.syllables = spelt.map(([phrase]) => phrase)
    this.pinyinNames = spelt.map(([, , isName]) => isName)
    this.pinyin = new Shelf(spelt.map(([phrase, n]) => [phrase.join(''), n]))
    this.initials = new Shelf(spelt.map(([phrase, n]) => [phrase.map((one) => one.charAt(0)).join(''), n]))
    this.folded = new Shelf(spelt.map(([phrase, n]) => [fold(phrase.join('')), n]))
    this.english = new Shelf(english)
    this.tokens = new Shelf(
      english.flatMap(([text, n]) => [...new Set(text.split(' '))].map((one) => [one, n] as const)),
    )
    for (const [text, n] of told) put(this.phrases, text, n)
    this.han.texts.forEach((text, number) => {
      for (const pair of pairsOf(text)) put(this.pairs, pair, number)
    })
    this.categories = matters.map((m) => [squeezed(m.category), plain(m.category_en)])
  }

  /** The matters that fit best, best first; all when nothing was typed. */
  find(typed: string): Matter[] {
    const asked = plain([...typed].slice(0, LONGEST).join(''))
    if (!asked) return [...this.matters]
    const scores = this.scores(asked)
    const floor = Math.floor((best(scores) * KEEP) / 100)
    const length = (n: number) => this.matters[n]?.name.length ?? 0
    return [...scores]
      .filter(([, score]) => score >= floor)
      .sort(([a, first], [b, second]) => second - first || length(a) - length(b) || a - b)
      .flatMap(([n]) => this.matters[n] ?? [])
  }

  private scores(asked: string): Scores {
    const whole = asked.replaceAll(' ', '')
    const lettered = LETTERED.test(whole)
    const scores: Scores = new Map()
    more(scores, lettered ? this.byLetters(asked, whole) : this.byHan(whole))
    const terms = asked.split(' ')
    if (terms.length > 1 && !lettered) more(scores, this.byTerms(terms))
    if (best(scores) < GOOD) more(scores, lettered ? this.guessed(asked, whole) : this.alike(whole))
    return scores
  }

  private *byTerms(terms: string[]): Found {
    const each = terms.map((term) => this.scores(term))
    for (const n of each[0]?.keys() ?? []) {
      if (!each.every((one) => one.has(n))) continue
      yield [n, Math.floor(each.reduce((sum, one) => sum + (one.get(n) ?? 0), 0) / each.length)]
    }
  }

  private *byHan(typed: string): Found {
    for (const [number, offset] of this.han.within(typed)) {
      yield [this.han.owner(number), score(typed, this.han.text(number), offset, this.hanNames[number])]
    }
    for (let begin = 0; begin < typed.length; begin++) {
      for (let end = begin + 2; end < Math.min(begin + 13, typed.length + 1); end++) {
        for (const n of this.phrases.get(typed.slice(begin, end)) ?? []) yield [n, SAID + (end - begin) * A_CHARACTER]
      }
    }
    for (const [n, [category]] of this.categories.entries()) if (category.includes(typed)) yield [n, CATEGORY]
  }

  private *byLetters(asked: string, typed: string): Found {
    yield* this.byPinyin(typed)
    for (const [number, offset] of typed.length > 1 ? this.initials.within(typed) : []) {
      const reached = score(typed, this.initials.text(number), offset, this.pinyinNames[number])
      yield [this.initials.owner(number), reached - INITIALS_LESS]
    }
    for (const [number, offset] of asked.length > 2 ? this.english.within(asked) : []) {
      const text = this.english.text(number)
      if (offset === 0 || text[offset - 1] === ' ') {
        yield [this.english.owner(number), score(asked, text, offset, false)]
      }
    }
    yield* this.byWords(asked, false)
    for (const [n, [, category]] of this.categories.entries()) {
      if (asked.length > 2 && category.startsWith(asked)) yield [n, CATEGORY]
    }
  }

  private *byPinyin(typed: string): Found {
    const beginning = () => this.pinyin.beginning(typed).map((number): [number, number] => [number, 0])
    for (const [number, offset] of typed.length > 2 ? this.pinyin.within(typed) : beginning()) {
      if (offset && !beginsSyllable(this.syllables[number] ?? [], offset)) continue
      const reached = score(typed, this.pinyin.text(number), offset, this.pinyinNames[number])
      yield [this.pinyin.owner(number), reached - PINYIN_LESS]
    }
  }

  private *byWords(asked: string, guess: boolean): Found {
    const wanted = asked.split(' ').filter((word) => !STOP.has(word))
    const found: Scores = new Map()
    for (const word of wanted) {
      const each: Scores = new Map()
      more(each, this.byWord(word, guess))
      for (const [n, weight] of each) found.set(n, (found.get(n) ?? 0) + weight)
    }
    for (const [n, weight] of found) yield [n, Math.floor((WORDS * weight) / (10 * wanted.length))]
  }

  private *byWord(word: string, guess: boolean): Found {
    for (const number of word.length > 2 ? this.tokens.beginning(word) : []) {
      yield [this.tokens.owner(number), this.tokens.text(number) === word ? 10 : 8]
    }
    for (const other of guess && word.length >= SHORTEST ? slips(word) : []) {
      for (const number of this.tokens.beginning(other)) {
        if (this.tokens.text(number) === other) yield [this.tokens.owner(number), 7]
      }
    }
  }

  private *guessed(asked: string, typed: string): Found {
    yield* this.byWords(asked, true)
    const folded = fold(typed)
    for (const number of typed.length > 2 ? this.folded.beginning(folded) : []) {
      const reached = score(folded, this.folded.text(number), 0, this.pinyinNames[number])
      yield [this.folded.owner(number), reached - FOLDED_LESS]
    }
    for (const number of typed.length > 2 ? this.initials.beginning(typed.charAt(0)) : []) {
      if (abbreviates(typed, this.syllables[number] ?? [])) {
        yield [this.initials.owner(number), HALF_TYPED + cover(typed, this.pinyin.text(number))]
      }
    }
    for (const [shelf, meant] of [[this.pinyin, typed] as const, [this.folded, folded] as const]) {
      for (const other of meant.length >= SHORTEST ? slips(meant) : []) {
        for (const number of shelf.beginning(other)) {
          yield [shelf.owner(number), SLIPPED + cover(other, shelf.text(number))]
        }
      }
    }
  }

  private *alike(typed: string): Found {
    const wanted = pairsOf(typed)
    const shared = new Map<number, number>()
    for (const pair of wanted) {
      for (const number of this.pairs.get(pair) ?? []) shared.set(number, (shared.get(number) ?? 0) + 1)
    }
    for (const [number, count] of shared) {
      const text = this.han.text(number)
      const fewer = Math.min(wanted.size, text.length - 1)
      if (2 * count >= fewer) {
        yield [this.han.owner(number), Math.floor((ALIKE * count) / fewer) + cover(typed, text)]
      }
    }
  }
}

function spoken(matter: Matter): string[] {
  return [matter.name, ...words(matter).filter((word) => HAN.test(word))]
}

function latin(matter: Matter): string[] {
  const others = words(matter).filter((word) => !HAN.test(word))
  return [matter.name_en, ...others.map((word) => word.replaceAll('_', ' '))]
}

function words(matter: Matter): string[] {
  return matter.words.split(' ').filter(Boolean)
}

function syllables(matter: Matter): string[][] {
  return matter.pinyin ? matter.pinyin.split('/').map((phrase) => phrase.trim().split(' ')) : []
}

function squeezed(text: string): string {
  return plain(text).replaceAll(' ', '')
}

function pairsOf(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)))
}

function put<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}

function more(scores: Scores, found: Found): void {
  for (const [n, reached] of found) if (reached > (scores.get(n) ?? 0)) scores.set(n, reached)
}

function best(scores: Scores): number {
  let most = 0
  for (const reached of scores.values()) most = Math.max(most, reached)
  return most
}

function score(typed: string, text: string, offset: number, isName = false): number {
  if (typed.length === text.length) return EXACT + (isName ? NAME_MORE : 0) + COVER
  return (offset ? WITHIN : BEGINS) + (isName ? NAME_MORE : 0) + cover(typed, text)
}

function cover(typed: string, text: string): number {
  const [shorter, longer] = [typed.length, text.length].sort((a, b) => a - b)
  return Math.floor((COVER * (shorter ?? 0)) / (longer || 1))
}

function beginsSyllable(phrase: string[], offset: number): boolean {
  let rest = offset
  for (const syllable of phrase) {
    if (rest <= 0) break
    rest -= syllable.length
  }
  return rest === 0
}

/** The least number below `count` that is `enough`, all after it being so too; `count` when there is none. */
function least(count: number, enough: (n: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (enough(middle)) high = middle
    else low = middle + 1
  }
  return low
}
