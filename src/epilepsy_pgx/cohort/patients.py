"""The table of all patients on the cohort page: who needs a call today stands first.

It is read without a script. One small script adds sorting and a filter; the page's policy names
its digest, so that no other runs.
"""

from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from html import escape
from urllib.parse import quote

from epilepsy_pgx.report.format import TEMPLATES
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.html import css_string
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.report.write import PAGE

LISTED = 5000
"""Patients whom the page lists; the table of the run holds them all."""
_COLUMNS = (
    "label-sample",
    "label-call-today",
    "label-tier-act",
    "label-failed-checks",
    "heading-current",
    "label-to-review",
    "heading-monogenic",
    "label-response-avoid",
)


@lru_cache(maxsize=1)
def script() -> str:
    """Return the script of the page."""
    return (TEMPLATES / "cohort.js").read_text(encoding="utf-8").strip()


def policy() -> str:
    """Return the page's policy: nothing is loaded, and only the script of this digest runs."""
    digest = b64encode(sha256(script().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def style(words: ReportWords) -> str:
    """Return the style of the table of patients."""
    return (
        "#patients th,#patients td{overflow-wrap:normal;word-break:normal;hyphens:none}"
        "#patients button{font:inherit;color:inherit;background:none;border:0;padding:0;"
        "text-align:left;cursor:pointer;text-decoration:underline}"
        "#patients tr[data-urgent] td:first-of-type{color:var(--stop);font-weight:700}"
        ".controls{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center}"
        ".controls[hidden]{display:none}.controls input[type=search]{font:inherit;max-width:100%}"
        + cards("patients", _COLUMNS, words)
    )


def cards(name: str, columns: Sequence[str], words: ReportWords) -> str:
    """Return the style of a table that is a card for each row on a narrow screen.

    No name breaks there, and each cell but the first says what it is.

    Parameters
    ----------
    name
        Id of the table.
    columns
        Texts of its heads.
    """
    labels = "".join(
        f"#{name} td:nth-of-type({n})::before{{content:{css_string(f'{words.say(c)}: ')}}}"
        for n, c in enumerate(columns[1:], 1)
    )
    return (
        f"@media screen and (max-width:48rem){{#{name} thead{{display:none}}"
        f"#{name},#{name} :is(tbody,tr,th,td){{display:block}}"
        f"#{name} tr[hidden]{{display:none}}#{name} td{{border:0;padding:.05rem 0}}"
        f"#{name} td:empty{{display:none}}#{name} tr{{padding:.4rem 0;"
        f"border-bottom:1px solid var(--line)}}#{name} th{{border:0;padding:0}}"
        f"#{name} td::before{{color:var(--soft);font-weight:400}}"
        f"{labels}}}"
    )


def patient_table(patients: list[dict[str, str]], words: ReportWords) -> str:
    """Return the section with a row for each patient, the most pressing first."""
    say = words.say
    ordered = sorted(patients, key=_pressing)
    listed = max(LISTED, sum(p["urgent"] != "0" for p in patients))
    head = "".join(f'<th scope="col">{escape(say(c))}</th>' for c in _COLUMNS)
    rows = "".join(_row(p, words) for p in ordered[:listed])
    more = ""
    if len(ordered) > listed:
        left = say("label-more-rows", number=str(len(ordered) - listed), file="cohort.tsv")
        more = f"<p>{escape(left)}</p>\n"
    return (
        f"<section><h2>{escape(say('heading-attention'))}</h2>\n"
        f'<p class="meta">{escape(say("label-cohort-columns"))}</p>\n'
        '<p class="controls" id="controls" hidden>'
        f'<label>{escape(say("label-filter"))} <input type="search" id="find"></label>'
        f'<label><input type="checkbox" id="urgent-only"> {escape(say("label-call-today"))}</label>'
        f'<span role="status">{escape(say("label-shown"))} <span id="shown"></span></span></p>\n'
        f'<table id="patients"><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>\n'
        f"{more}</section>\n"
    )


def _pressing(patient: dict[str, str]) -> tuple[object, ...]:
    return (
        -int(patient["urgent"]),
        patient["status"] != "not reportable",
        -int(patient["act"]),
        patient["sample_id"],
    )


def _row(patient: dict[str, str], words: ReportWords) -> str:
    urgent = patient["urgent"] != "0"
    failed = ", ".join(
        words.word("quality-check", x) for x in patient["failed_checks"].split("|") if x != "."
    )
    cells = (
        f"■ {patient['urgent']}" if urgent else "0",
        patient["act"],
        failed,
        *(
            named(patient[c], words, "")
            for c in ("current_drugs", "current_drugs_to_review", "monogenic", "avoid")
        ),
    )
    mark = " data-urgent=1" if urgent else ""
    tail = "".join(f"<td>{c}</td>" for c in cells)
    return f'<tr{mark}><th scope="row">{link_to(patient)}</th>{tail}</tr>\n'


def named(cell: str, words: ReportWords, nothing: str = "–") -> str:
    """Return the drugs or genes of a cell as a page names them."""
    if cell == ".":
        return nothing
    # Drugs to avoid together are joined.
    shown = (" + ".join(map(words.drug, x.split(" + "))) for x in cell.split("|"))
    return escape(", ".join(shown))


def link_to(patient: dict[str, str]) -> str:
    """Return a patient's id, linked to the report if one was written."""
    name, folder = escape(patient["sample_id"]), patient["report"].rstrip("/")
    if folder == ".":
        return name
    page = FORMATS[PAGE].file_name(folder.rsplit("/", 1)[-1])
    link = quote(f"../{folder}/{page}")
    return f'<a href="{link}">{name}</a>'
