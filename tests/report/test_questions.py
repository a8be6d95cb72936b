"""Ten questions of a clinician, answered from page one alone.

`tests/oracles/page_one_questions.tsv` says for each example what the answer has to hold; the
questions read the printed page, not the report behind it.
"""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.html import HtmlRenderer
from tests.report.examples import example_reports

TABLE = Path(__file__).parents[1] / "oracles" / "page_one_questions.tsv"


def plain(markup: str) -> str:
    """Return the words of a piece of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def section(page: str, name: str) -> str:
    """Return the words of a section of page one; empty if it is not there."""
    found = re.search(rf'<section[^>]*id="{name}"[^>]*>(.*?)</section>', page, re.DOTALL)
    return plain(found[1]) if found else ""


def piece(page: str, pattern: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found, pattern
    return plain(found[1])


def may_i_start(page: str, drug: str) -> str:
    """Return the verdict on a drug and what must be tested first; that nothing is said, if so."""
    options = re.search(r'<section id="options">(.*?)</section>', page, re.DOTALL)
    assert options
    rows = re.findall(
        r"<tr[^>]*>(.*?)(?=<tr|</tbody>|</table>)|<li>(.*?)(?=<li>|</ul>)", options[1], re.DOTALL
    )
    lines = [plain(a or b) for a, b in rows]
    return " | ".join(line for line in lines if drug in line) or "no line"


QUESTIONS: dict[str, Callable[[str], str]] = {
    "what must I do today": lambda p: section(p, "urgent") or "nothing urgent",
    "what of the drugs that are taken": lambda p: section(p, "now"),
    "may I start lamotrigine": lambda p: may_i_start(p, "lamotrigine"),
    "which drug fits the cause, or what must be settled first": lambda p: (
        piece(p, r'<li class="[\w-]+">(<a href=#options><b>\d+</b> marked “may favour”[^<]*</a>)')
        + " "
        + piece(p, r'<section class="sum[^>]*>(.*?)</section>')
    ),
    "what is the cause, and who says so": lambda p: section(p, "cause"),
    "what was not read": lambda p: section(p, "unseen"),
    "how old is the drug list": lambda p: section(p, "now"),
    "which test next": lambda p: piece(p, r'<ol class="gates">(.*?)</ol>'),
    "who signed": lambda p: piece(p, r'<div class="sign">(.*?)</div></div>'),
    "who is it, how old, how heavy": lambda p: piece(p, r'<dl class="id">(.*?)</dl>'),
}


def rows() -> list[list[str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


@pytest.fixture(scope="module")
def first_pages() -> dict[str, str]:
    renderer = HtmlRenderer(load_reference())
    pages = {}
    for name in {row[0] for row in rows()}:
        page = renderer.render(example_reports()[name])
        pages[name] = page[: page.index('<div class="annex')]
    return pages


@pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r[0]}: {r[1]}")
def test_page_one_answers(row: list[str], first_pages: dict[str, str]) -> None:
    name, question, holds, lacks = row
    answer = QUESTIONS[question](first_pages[name])
    for words in holds.split(" | "):
        assert words in answer, answer
    assert lacks == "." or lacks not in answer, answer


def test_each_question_is_asked_of_more_than_one_patient() -> None:
    asked = [row[1] for row in rows()]
    assert set(asked) == set(QUESTIONS)
    assert len(QUESTIONS) == 10
    assert all(asked.count(question) > 1 for question in QUESTIONS)
