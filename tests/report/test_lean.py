"""Pages made lean line by line, as lines are known, are those made lean as a whole."""

from hypothesis import example, given
from hypothesis import strategies as st

from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.report.lean import Lean, lean_page

TAGS = ("tr", "td", "th", "li", "ul", "p", "section", "details", "h2", "b", "span", "a", "table")
PIECES = (
    *(f"<{tag}>" for tag in TAGS),
    *(f"</{tag}>" for tag in TAGS),
    *(f'<{tag} class="meta">' for tag in TAGS),
    '<a href="#e12">',
    '<li id="e3">',
    '<p class="else">',
    '<svg xmlns="http://www.w3.org/2000/svg" color="#a3121b" fill="currentColor">',
    ' font-family="Source Sans 3,DejaVu Sans Mono,sans-serif"',
    "\n",
    "\n",
    "\n\n  ",
    " ",
    "&nbsp;",
    "&lt;p&gt;",
    "words",
    "Ada \u202egm",
    "\u2066",
)


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=30), min_size=1, max_size=4))
@example([["<tr>", "</td>", "</tr>", "\n", "<tr>"], ["<tr>", "</td>", "</tr>", "\n", "<b>"]])
@example([["</p>", "\n", "<p>", "</p>", "\n", "<b>"]])
def test_a_page_by_its_lines_is_the_whole_page(pages):
    """Whatever pages came before, and whatever stands on both sides of a line."""
    lean = Lean()
    for pieces in (*pages, *reversed(pages)):
        page = "".join(pieces)
        assert lean(page) == spell_hidden(lean_page(page))
