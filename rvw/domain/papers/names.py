"""Names of files, as people send them: a word, never a place."""

import unicodedata
from typing import Final

from rvw.errors import FileName

MAX_NAME: Final = 120
"""The longest name, in characters."""


def checked_name(name: str) -> str:
    """Return the name without the white space around it.

    Raises `FileName` for a path, for `.` and `..`, and for characters that are not seen or turn the direction of reading
    (categories Cc, Cf, Cs, Co, Zl and Zp of Unicode): a name is shown to an officer, who believes what it seems to say.
    """
    bare = name.strip()
    if not bare or len(bare) > MAX_NAME:
        raise FileName(f"a name has 1 to {MAX_NAME} characters")
    if set(bare) & set("/\\:") or bare.startswith(".") or "%2f" in bare.lower() or "%5c" in bare.lower():
        raise FileName("a name is not a path")
    if any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for one in bare):
        raise FileName("a name has no characters that cannot be seen")
    return bare
