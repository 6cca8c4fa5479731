"""Find a matter by what people say: Chinese, pinyin, first letters, everyday words, English, and all of them misspelt.

One `Index` a catalogue; it knows nothing of desks, and what is not listed is not in it. The same rules are in
`web/src/visit/search.ts`, so that a kiosk ranks as the server does; `search.fixture.json` there holds them together.
All scores are whole numbers: two languages must agree on them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from rvw.domain.catalogue.matter import Matter, latin, spoken, syllables
from rvw.domain.catalogue.shelf import Shelf
from rvw.domain.catalogue.spelling import SHORTEST, abbreviates, fold, plain, slips

EXACT, BEGINS, WITHIN = 1000, 900, 700
"""A phrase is what was typed, begins with it, has it inside."""
SAID = 620
"""The phrase is inside what was typed ("我的医保卡丢了怎么办"): longer ones say more, `A_CHARACTER` each."""
PINYIN_LESS, INITIALS_LESS, FOLDED_LESS = 40, 120, 260
"""How much less the same thing counts when it was spelt, abbreviated, or spelt as it is spoken."""
HALF_TYPED, SLIPPED, ALIKE, CATEGORY = 600, 480, 300, 300
"""Some syllables by their first letters; one letter wrong; half of the characters; the name of the category."""
WORDS = 760
"""Every English word of what was typed is there, in any order."""

A_CHARACTER, NAME_MORE, COVER = 24, 15, 60
"""Each further character said; it is the name itself; how much of the phrase has been typed."""

GOOD = 600
"""With something this good there is no guessing."""
KEEP = 45
"""What has less than so many hundredths of the best score is noise."""

LONGEST = 64
"""Characters of a question that are looked at."""

STOP = frozenset(
    ("a", "an", "the", "my", "me", "i", "for", "of", "to", "in", "on", "and", "or", "is", "do", "how", "want", "need")
)
"""English words that say nothing of the matter."""

Scores = dict[int, int]


class Index:
    """The listed matters of a catalogue, ready to be searched."""

    def __init__(self, matters: Iterable[Matter]) -> None:
        """Take the matters in the order of the file: the first of equals is shown first."""
        self.matters = [matter for matter in matters if matter.listed]
        numbered = list(enumerate(self.matters))
        spelt = [(phrase, n, at == 0) for n, m in numbered for at, phrase in enumerate(syllables(m))]
        told = [(squeezed(phrase), n, at == 0) for n, m in numbered for at, phrase in enumerate(spoken(m))]
        english = [(text, n) for n, m in numbered for text in map(plain, latin(m)) if text]
        self._names = {kind: [is_name for *_, is_name in rows] for kind, rows in (("han", told), ("pinyin", spelt))}
        self._han = Shelf((text, n) for text, n, _ in told)
        self._syllables = [phrase for phrase, *_ in spelt]
        self._pinyin = Shelf(("".join(phrase), n) for phrase, n, _ in spelt)
        self._initials = Shelf(("".join(one[0] for one in phrase), n) for phrase, n, _ in spelt)
        self._folded = Shelf((fold("".join(phrase)), n) for phrase, n, _ in spelt)
        self._english = Shelf(english)
        self._tokens = Shelf(sorted({(token, n) for text, n in english for token in text.split()}))
        self._phrases: dict[str, list[int]] = {}
        for text, n, _ in told:
            self._phrases.setdefault(text, []).append(n)
        self._pairs: dict[str, list[int]] = {}
        for number, text in enumerate(self._han.texts):
            for pair in pairs(text):
                self._pairs.setdefault(pair, []).append(number)
        self._categories = [(squeezed(m.category), plain(m.category_en)) for m in self.matters]

    def find(self, typed: str, limit: int = 20, wanted: Callable[[Matter], bool] | None = None) -> list[Matter]:
        """Return the matters that fit best, best first, of those that are `wanted`; the first of all for no question."""
        asked = plain(typed[:LONGEST])
        fitting: Iterable[Matter] = self._ranked(asked) if asked else self.matters
        return list(islice((m for m in fitting if wanted is None or wanted(m)), limit))

    def _ranked(self, asked: str) -> Iterator[Matter]:
        scores = self._scores(asked)
        floor = max(scores.values(), default=0) * KEEP // 100
        kept = sorted((-score, len(self.matters[n].name), n) for n, score in scores.items() if score >= floor)
        return (self.matters[n] for *_, n in kept)

    def _scores(self, asked: str) -> Scores:
        whole = asked.replace(" ", "")
        scores: Scores = {}
        _more(scores, self._by_han(whole) if not whole.isascii() else self._by_letters(asked, whole))
        terms = asked.split()
        if len(terms) > 1 and not whole.isascii():
            _more(scores, self._by_terms(terms))
        if max(scores.values(), default=0) < GOOD:
            _more(scores, self._alike(whole) if not whole.isascii() else self._guessed(asked, whole))
        return scores

    def _by_terms(self, terms: list[str]) -> Iterator[tuple[int, int]]:
        """Several words with spaces between: a matter must fit each."""
        each = [self._scores(term) for term in terms]
        for n in set.intersection(*(set(one) for one in each)):
            yield n, sum(one[n] for one in each) // len(each)

    def _by_han(self, typed: str) -> Iterator[tuple[int, int]]:
        for number, offset in self._han.within(typed):
            yield self._han.owners[number], _score(typed, self._han.texts[number], offset, self._names["han"][number])
        for begin in range(len(typed)):
            for end in range(begin + 2, min(begin + 13, len(typed) + 1)):
                for n in self._phrases.get(typed[begin:end], ()):
                    yield n, SAID + (end - begin) * A_CHARACTER
        for n, (category, _) in enumerate(self._categories):
            if typed in category:
                yield n, CATEGORY

    def _by_letters(self, asked: str, typed: str) -> Iterator[tuple[int, int]]:
        yield from self._by_pinyin(typed)
        for number, offset in self._initials.within(typed) if len(typed) > 1 else ():
            name = self._names["pinyin"][number]
            score = _score(typed, self._initials.texts[number], offset, name) - INITIALS_LESS
            yield self._initials.owners[number], score
        for number, offset in self._english.within(asked) if len(asked) > 2 else ():
            text = self._english.texts[number]
            if offset == 0 or text[offset - 1] == " ":
                yield self._english.owners[number], _score(asked, text, offset, False)
        yield from self._by_words(asked, guess=False)
        for n, (_, category) in enumerate(self._categories):
            if len(asked) > 2 and category.startswith(asked):
                yield n, CATEGORY

    def _by_pinyin(self, typed: str) -> Iterator[tuple[int, int]]:
        hits = self._pinyin.within(typed) if len(typed) > 2 else ((n, 0) for n in self._pinyin.beginning(typed))
        for number, offset in hits:
            if offset == 0 or _begins_syllable(self._syllables[number], offset):
                name = self._names["pinyin"][number]
                score = _score(typed, self._pinyin.texts[number], offset, name) - PINYIN_LESS
                yield self._pinyin.owners[number], score

    def _by_words(self, asked: str, guess: bool) -> Iterator[tuple[int, int]]:
        """English words in any order. Each counts in full, by its beginning less, misspelt even less."""
        wanted = [word for word in asked.split() if word not in STOP]
        found: Counter[int] = Counter()
        for word in wanted:
            best: Scores = {}
            _more(best, self._by_word(word, guess))
            found.update(best)
        for n, weight in found.items():
            yield n, WORDS * weight // (10 * len(wanted))

    def _by_word(self, word: str, guess: bool) -> Iterator[tuple[int, int]]:
        for number in self._tokens.beginning(word) if len(word) > 2 else ():
            yield self._tokens.owners[number], 10 if self._tokens.texts[number] == word else 8
        for other in set(slips(word)) if guess and len(word) >= SHORTEST else ():
            for number in self._tokens.beginning(other):
                if self._tokens.texts[number] == other:
                    yield self._tokens.owners[number], 7

    def _guessed(self, asked: str, typed: str) -> Iterator[tuple[int, int]]:
        """What may have been meant by letters that fit nothing well."""
        yield from self._by_words(asked, guess=True)
        folded = fold(typed)
        for number in self._folded.beginning(folded) if len(typed) > 2 else ():
            text = self._folded.texts[number]
            yield self._folded.owners[number], _score(folded, text, 0, self._names["pinyin"][number]) - FOLDED_LESS
        if len(typed) > 2:
            for number in self._initials.beginning(typed[0]):
                if abbreviates(typed, self._syllables[number]):
                    yield self._initials.owners[number], HALF_TYPED + _cover(typed, self._pinyin.texts[number])
        # A slip may tear a `sh` apart, so both are tried: as it was typed, and as it is spoken.
        for shelf, meant in ((self._pinyin, typed), (self._folded, folded)):
            for other in set(slips(meant)) if len(meant) >= SHORTEST else ():
                for number in shelf.beginning(other):
                    yield shelf.owners[number], SLIPPED + _cover(other, shelf.texts[number])

    def _alike(self, typed: str) -> Iterator[tuple[int, int]]:
        """Phrases that share pairs of characters with what was typed, at least half of the fewer."""
        wanted = pairs(typed)
        shared: Counter[int] = Counter(number for pair in wanted for number in self._pairs.get(pair, ()))
        for number, count in shared.items():
            fewer = min(len(wanted), len(self._han.texts[number]) - 1)
            if 2 * count >= fewer:
                yield self._han.owners[number], ALIKE * count // fewer + _cover(typed, self._han.texts[number])


def squeezed(text: str) -> str:
    """Return the text as `plain` does, without spaces."""
    return plain(text).replace(" ", "")


def pairs(text: str) -> set[str]:
    """Return all two neighbours of the text."""
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _more(scores: Scores, found: Iterable[tuple[int, int]]) -> None:
    for n, score in found:
        if score > scores.get(n, 0):
            scores[n] = score


def _score(typed: str, text: str, offset: int, is_name: bool) -> int:
    if len(typed) == len(text):
        return EXACT + NAME_MORE * is_name + COVER
    return (WITHIN if offset else BEGINS) + NAME_MORE * is_name + _cover(typed, text)


def _cover(typed: str, text: str) -> int:
    return COVER * min(len(typed), len(text)) // max(len(typed), len(text))


def _begins_syllable(phrase: tuple[str, ...], offset: int) -> bool:
    for syllable in phrase:
        if offset <= 0:
            break
        offset -= len(syllable)
    return offset == 0
