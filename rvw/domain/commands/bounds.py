"""The bounds of what a command may hold."""

from typing import Annotated

from msgspec import Meta

Code = Annotated[str, Meta(min_length=1, max_length=64)]
Line = Annotated[str, Meta(min_length=1, max_length=1000)]
Note = Annotated[str, Meta(max_length=4000)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
Surface = Annotated[str, Meta(pattern=r"^(share|camera|still|page):[A-Za-z0-9_./-]{1,80}$")]
"""What is drawn on, by kind and name: a screen that is shown, somebody's camera, a still, a page of a document."""

Points = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=6000)]
"""Packed points: see `rvw.domain.marks.pack`."""

Words = Annotated[str, Meta(max_length=200)]
NoticeZh = Annotated[str, Meta(min_length=1, max_length=80)]
"""A notice is read at a glance, in large type: two lines of a kiosk."""

NoticeEn = Annotated[str, Meta(max_length=200)]
"""English needs two to three letters for a character."""

Language = Annotated[str, Meta(pattern="^(zh|en)$")]
