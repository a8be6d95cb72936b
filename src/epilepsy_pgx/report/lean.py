"""Pages of HTML without what a browser does not need, line by line as they are known already."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from markupsafe import Markup

from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.sharing import Recent

_KEPT = 4096
"""Stretches of pages that are kept: several times those of one page."""
_BLANK = re.compile(r"\n\s*")
_BLOCKS = "li|tr|td|th|thead|tbody|table|ul|ol|dl|dt|dd|p|h[1-6]|section|div|details|summary|main"
_BETWEEN = re.compile(rf"\n(?=</?(?:{_BLOCKS})\b)")
_ENDS = re.compile(
    r"</(?:li|td|th|tr|tbody|thead)>(?=</?(?:li|td|th|tr|ul|ol|tbody|thead|table)\b)"
    r"|</p>(?=<(?:p|ul|ol|table|div|section|details|h[1-6]|/td|/section|/details|/li|/div)\b)"
)
"""End tags that HTML lets go where the next tag says the same (HTML standard, 13.1.2.4)."""
_PAPER = re.compile(r' color="#\w{6}" fill="currentColor"| font-family="Source Sans 3,[^"]*"')
"""What a drawing says for paper, which has no style of a page."""
_QUOTED = re.compile(
    r' (?:(?:href|scope|colspan|aria-hidden|x|y|fill|stroke)="#?[\w.-]+"|id="r?[ce]\d+"'
    r'|class="(?:meta|by|why|class|facts|plan|drugs)")(?=[ >])'
)
"""Values that HTML lets stand without quotation marks (HTML standard, 13.1.2.3): those of which a
page has hundreds."""


def _bare(found: re.Match[str]) -> str:
    return found[0].replace('"', "")


def lean_page(page: str) -> str:
    """Leave out the blanks, end tags and quotation marks that a browser does not need."""
    # Most stretches are a line or two: what is not in one is not looked for letter by letter.
    if "\n" in page:
        page = _BETWEEN.sub("", _BLANK.sub("\n", page))
    page = page.replace("&nbsp;", "\u00a0")
    if '="' in page:
        # What the style of the page says is said for paper alone.
        page = _QUOTED.sub(_bare, _PAPER.sub("", page))
    # Within a page of HTML a drawing needs no namespace.
    return _ENDS.sub("", page).replace(' xmlns="http://www.w3.org/2000/svg"', "")


_CUT = re.compile(
    r"\n<(tr|li|p|table|tbody|ul|ol|h2|section|details|figure|div|header|footer|title|body|main)\b"
)
"""Where a line begins with such a tag: of what stands before it nothing else matters for what
stands behind it, and of what stands behind it the name of the tag alone for what stands before."""


class Kept:
    """A piece of pages that is kept; it begins and ends where no name of a tag is broken off.

    Parameters
    ----------
    text
        The piece.
    of
        What it was made of, which is kept as long.
    """

    __slots__ = ("_cut", "of", "text")

    def __init__(self, text: Markup, of: object = None) -> None:
        self.text, self.of = text, of
        self._cut: dict[bool, _Stretches] = {}

    def cut(self, feed: bool) -> "_Stretches":
        """Return its stretches, behind a line feed or not."""
        found = self._cut.get(feed)
        if found is None:
            found = self._cut[feed] = _stretches("\n" * feed + self.text)
        return found


class Pieces(Markup):
    """Kept pieces, one behind the other."""

    pieces: tuple[Kept, ...]

    @classmethod
    def of(cls, pieces: Iterable[Kept]) -> "Pieces":
        """Join pieces."""
        several = tuple(pieces)
        made = cls("".join([x.text for x in several]))
        made.pieces = several
        return made


class _Stretches(NamedTuple):
    """A piece between its cuts."""

    head: str
    """What stands before the first cut."""
    first: str
    """The tag at the first cut; empty if there is none."""
    middle: str
    """What stands between the first and the last cut, lean."""
    last: str
    """The tag at the last cut."""
    tail: str
    """What stands behind it, without the line feed at its end."""
    feed: bool
    """Whether there is one."""


def _stretches(text: str) -> _Stretches:
    head, *rest = _CUT.split(text)
    if not rest:
        feed = head.endswith("\n")
        return _Stretches(head.removesuffix("\n"), "", "", "", "", feed)
    tags, texts = rest[::2], rest[1::2]
    middle = map(_between, tags, texts, tags[1:])
    feed = texts[-1].endswith("\n")
    return _Stretches(head, tags[0], "".join(middle), tags[-1], texts[-1].removesuffix("\n"), feed)


class Lean:
    """Makes pages lean.

    Of two patients' pages most lines are the same, so each stretch between two cuts is kept by all
    that it holds, and what lies within a kept piece with the piece.
    """

    def __init__(self) -> None:
        self._kept: Recent[tuple[str, str, str], str] = Recent(_KEPT)

    def __call__(self, parts: Iterable[str]) -> str:
        """Return `lean_page` of the parts of a page, with letters that turn directions spelled."""
        lean: list[str] = []
        # What stands behind the last cut: its tag, the text, and whether a line feed ends it.
        tag, text, feed = "", "", False
        for piece in _joined(parts):
            if isinstance(piece, str):
                head, *rest = _CUT.split("\n" * feed + piece)
                text += head
                for next_tag, next_text in zip(rest[::2], rest[1::2], strict=True):
                    lean.append(self._between(tag, text, next_tag))
                    tag, text = next_tag, next_text
                feed, text = text.endswith("\n"), text.removesuffix("\n")
                continue
            head, first, middle, last, tail, feed = piece.cut(feed)
            if head:
                text += head
            if first:
                lean += (self._between(tag, text, first), middle)
                tag, text = last, tail
        lean.append(self._between(tag, text + "\n" * feed, ""))
        return "".join(lean)

    def _between(self, tag: str, text: str, next_tag: str) -> str:
        key = (tag, text, next_tag)
        found = self._kept.new.get(key)
        if found is None and (found := self._kept.get(key)) is None:
            found = _between(*key)
            self._kept.put(key, found)
        return found


def _joined(parts: Iterable[str]) -> Iterator[str | Kept]:
    """Yield the kept pieces of a page, and what stands between two of them as one text."""
    between: list[str] = []
    for part in parts:
        if isinstance(part, Pieces):
            yield "".join(between)
            yield from part.pieces
            between = []
        else:
            between.append(part)
    yield "".join(between)


def _between(tag: str, text: str, next_tag: str) -> str:
    """Return what stands behind the name of a tag, up to the next one, from the tag on."""
    before = f"<{tag}{text}" if tag else text
    if not next_tag:
        return spell_hidden(lean_page(before))
    mark = f"<{next_tag}>"
    return spell_hidden(lean_page(f"{before}\n{mark}").removesuffix(mark))
