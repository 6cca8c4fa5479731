"""The tree of errors in the docstring is the tree of classes."""

import re

from rvw import errors


def test_the_docstring_shows_every_error_with_its_code_under_its_parent() -> None:
    """Every line of the tree names a class, its parent by indentation, and its code."""
    drawn: dict[str, tuple[str, str]] = {}
    parents: list[tuple[int, str]] = []
    for text in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([ │├└─]*)([A-Z]\w+)\s*(\w*)", text)
        if found is None or not hasattr(errors, found[2]):
            continue
        depth = len(found[1])
        parents = [one for one in parents if one[0] < depth]
        drawn[found[2]] = (parents[-1][1] if parents else "Exception", found[3])
        parents.append((depth, found[2]))
    real = {
        name: (kind.__bases__[0].__name__, getattr(kind, "code", ""))
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.RvwError)
    }
    assert drawn == real


def test_codes_are_not_shared() -> None:
    """A program that reads the code knows the error."""
    codes = [kind.code for kind in _concrete(errors.RvwError)]
    assert len(codes) == len(set(codes))


def _concrete(kind: type[errors.RvwError]) -> list[type[errors.RvwError]]:
    below = [one for child in kind.__subclasses__() if child.__module__ == "rvw.errors" for one in _concrete(child)]
    return below if kind is errors.RvwError else [kind, *below]
