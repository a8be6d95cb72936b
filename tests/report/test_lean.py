"""Pages made lean line by line, as lines are known, are those made lean as a whole."""

from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.report.lean import Kept, Lean, Pieces, lean_page

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
        assert lean([page]) == spell_hidden(lean_page(page))


@given(
    st.lists(
        st.lists(st.lists(st.sampled_from(PIECES), max_size=8), max_size=4), min_size=1, max_size=8
    ),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
@example([[["<p>", "\n"]], [["<tr>", "\n"], ["<tr>"]], [["\n"]], [["<b>"]]], [False, True] * 4)
@example([[["\n"]], [["\n", "<p>"], []], [["\n"]], [["<p>"]]], [True, True] * 4)
def test_kept_pieces_make_the_page_that_they_stand_in(groups, kept):
    """Wherever a piece begins and ends, and whether it is kept or not."""
    lean = Lean()
    memory = {}
    for _ in range(2):
        parts = []
        for group, known in zip(groups, kept, strict=False):
            texts = ["".join(x) for x in group]
            pieces = [memory.setdefault(t, Kept(Markup(t))) for t in texts]
            parts += [Pieces.of(pieces)] if known else texts
        page = "".join("".join(x) for group in groups for x in group)
        assert lean(parts) == spell_hidden(lean_page(page))
