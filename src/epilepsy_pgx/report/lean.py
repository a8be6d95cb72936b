"""Pages of HTML without what a browser does not need, line by line as they are known already."""

import re

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
    page = _BETWEEN.sub("", _BLANK.sub("\n", page)).replace("&nbsp;", "\u00a0")
    # What the style of the page says is said for paper alone.
    page = _PAPER.sub("", page)
    page = _QUOTED.sub(_bare, page)
    # Within a page of HTML a drawing needs no namespace.
    return _ENDS.sub("", page).replace(' xmlns="http://www.w3.org/2000/svg"', "")


_CUT = re.compile(
    r"\n<(tr|li|p|table|tbody|ul|ol|h2|section|details|figure|div|header|footer|title|body|main)\b"
)
"""Where a line begins with such a tag: of what stands before it nothing else matters for what
stands behind it, and of what stands behind it the name of the tag alone for what stands before."""


class Lean:
    """Makes pages lean.

    Of two patients' pages most lines are the same, so each stretch between two cuts is kept by all
    that it holds.
    """

    def __init__(self) -> None:
        self._kept: Recent[tuple[str, str, str], str] = Recent(_KEPT)

    def __call__(self, page: str) -> str:
        """Return `lean_page` of a page, with the letters that turn directions spelled."""
        text, *rest = _CUT.split(page)
        tag, lean = "", []
        for next_tag, next_text in zip([*rest[::2], ""], [*rest[1::2], ""], strict=True):
            key = (tag, text, next_tag)
            found = self._kept.new.get(key)
            if found is None and (found := self._kept.get(key)) is None:
                found = _between(*key)
                self._kept.put(key, found)
            lean.append(found)
            tag, text = next_tag, next_text
        return "".join(lean)


def _between(tag: str, text: str, next_tag: str) -> str:
    """Return what stands behind the name of a tag, up to the next one, from the tag on."""
    before = f"<{tag}{text}" if tag else text
    if not next_tag:
        return spell_hidden(lean_page(before))
    mark = f"<{next_tag}>"
    return spell_hidden(lean_page(f"{before}\n{mark}").removesuffix(mark))
