"""Pages of tables for the laboratory: no script, nothing fetched, in the look of a report."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from epilepsy_pgx.reference.rows.base import MISSING
from epilepsy_pgx.report.format import TEMPLATES
from epilepsy_pgx.report.wording import Wording

EMPTY = "–"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STYLE = "th,td{overflow-wrap:break-word}time{white-space:nowrap}"
"""A word in a narrow column stays whole, and so does a date."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def plain_page(
    heading: str, sections: Iterable[str], words: Wording, style: str = "", footer: str = ""
) -> str:
    """Return a page.

    Parameters
    ----------
    heading
        Id of the text of its title.
    sections
        Markup.
    style
        More rules of style.
    footer
        Text at the end.
    """
    shared = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    title = escape(words.say(heading))
    end = f"<footer>{escape(footer)}</footer>\n" if footer else ""
    return (
        f'<!doctype html>\n<html lang="{escape(words.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{title}</title>\n<style>{shared}{_STYLE}{style}</style>\n</head>\n<body>\n"
        f'<header class="top"><h1>{title}</h1></header>\n<main>\n{"".join(sections)}</main>\n'
        f"{end}</body>\n</html>\n"
    )


def page_section(title: str, body: str) -> str:
    """Return a section; `title` is text, `body` markup."""
    return f"<section><h2>{escape(title)}</h2>\n{body}</section>\n"


def page_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first cell of a row names it. Columns are text, cells markup."""
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in columns)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{c}</td>" for c in row[1:])}</tr>\n'
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n"


def cell(value: object) -> str:
    """Return a value as markup, a dash for none."""
    text = EMPTY if value in (None, "", MISSING) else escape(str(value))
    return f"<time>{text}</time>" if _DAY.fullmatch(text) else text
