"""How people misspell: pinyin as it is spoken around the Yangtze delta, half-typed syllables, one slip of the finger.

What is folded here is folded the same way on both sides, so that it does not matter who is right.
"""

import unicodedata
from collections.abc import Iterator, Sequence

LETTERS = "abcdefghijklmnopqrstuvwxyz"

FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))
"""Pairs that many people of the region do not tell apart, in this order."""

SHORTEST = 4
"""Fewer letters are too few to guess that one of them is wrong."""


def plain(text: str) -> str:
    """Return the text in small letters, full-width forms as ASCII, without accents and punctuation; words one space apart.

    ü is v, as on a keyboard.
    """
    small = unicodedata.normalize("NFKC", text).lower().replace("ü", "v")
    bare = "".join(c for c in unicodedata.normalize("NFKD", small) if not unicodedata.category(c).startswith("M"))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def fold(spelt: str) -> str:
    """Return the pinyin without the differences of `FOLDS`."""
    for heard, written in FOLDS:
        spelt = spelt.replace(heard, written)
    return spelt


def abbreviates(typed: str, syllables: Sequence[str]) -> bool:
    """Tell whether `typed` spells the first syllables, each by its first letters: `yibk`, `ybaok` for yi bao ka."""
    if not typed:
        return True
    if not syllables or typed[0] != syllables[0][:1]:
        return False
    first = syllables[0]
    longest = next((n for n in range(len(first), 0, -1) if typed.startswith(first[:n])), 0)
    return any(abbreviates(typed[n:], syllables[1:]) for n in range(longest, 0, -1))


def slips(typed: str) -> Iterator[str]:
    """Yield what may have been meant, one letter of `typed` being left out, doubled, swapped with the next or wrong.

    The first letter is taken to be right: it halves the guesses, and people look at the key they begin with.
    """
    for at in range(1, len(typed) + 1):
        before, after = typed[:at], typed[at:]
        if after:
            yield before + after[1:]
            if len(after) > 1:
                yield before + after[1] + after[0] + after[2:]
            for letter in LETTERS:
                yield before + letter + after[1:]
        for letter in LETTERS:
            yield before + letter + after
