"""Urgent results on the page over all patients: first those whom nobody was told of."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from epilepsy_pgx.ledger.entries import FILE
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.vocabulary import ReportStatus

if TYPE_CHECKING:
    from epilepsy_pgx.ledger.urgent import Item
    from epilepsy_pgx.ledger.withdrawn import Unbacked

_COLUMNS = ("label-sample", "queue-state", "queue-told", "queue-by", "queue-at", "queue-read-back")


_STATES = {"open": "queue-state-open", "told": "queue-state-told", "done": "queue-state-done"}


def read_queue(results: Path) -> "list[Item] | None":
    """Return the queue of a folder of results; None where there is no ledger."""
    if not (results / FILE).is_file():
        return None
    from epilepsy_pgx.ledger.editions import reading
    from epilepsy_pgx.ledger.urgent import urgent_queue

    with reading(results) as book:
        return urgent_queue(book, results)


def read_unbacked(results: Path) -> "list[Unbacked]":
    """Return the released reports of a folder whose sample failed since; none without a ledger."""
    if not (results / FILE).is_file():
        return []
    from epilepsy_pgx.ledger.editions import reading
    from epilepsy_pgx.ledger.withdrawn import unbacked

    with reading(results) as book:
        return unbacked(results, book.standing())


def unbacked_section(found: "Sequence[Unbacked]", words: ReportWords) -> str:
    """Return the section; nothing if every released report is borne out."""
    if not found:
        return ""
    say = words.say
    columns = ("label-sample", "label-report-version", "label-check")
    head = "".join(f'<th scope="col">{escape(say(c))}</th>' for c in columns)
    rows = (
        f'<tr><th scope="row">{escape(one.edition.sample)}</th>'
        f"<td>{escape(one.edition.edition)} ({escape(one.edition.language)})</td>"
        f"<td>{escape(', '.join(_check(check, one, words) for check in one.why))}</td></tr>\n"
        for one in found
    )
    return (
        f"<section><h2>{escape(say('heading-released-failed'))}</h2>\n"
        f"<p><strong>{escape(say('released-failed'))}</strong></p>\n"
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{''.join(rows)}</tbody></table>\n"
        "</section>\n"
    )


def _check(check: str, one: "Unbacked", words: ReportWords) -> str:
    """Return a check as the page says it; why a file was not read stands under its own name."""
    if not one.read:
        return f"{words.say('heading-problems')}: {check}"
    if check == ReportStatus.NOT_REPORTABLE:
        return words.say("status-not-reportable")
    return words.word("quality-check", check)


def queue_section(queue: "Sequence[Item] | None", words: ReportWords) -> str:
    """Return the section; nothing without a ledger. Nobody in it is behind a limit."""
    if queue is None:
        return ""
    say = words.say
    waiting = sum(item.state != "done" for item in queue)
    told = say("queue-numbers", open=str(waiting), number=str(len(queue)))
    head = "".join(f'<th scope="col">{escape(say(c))}</th>' for c in _COLUMNS)
    body = "".join(_row(item, words) for item in queue)
    table = (
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n" if queue else ""
    )
    return (
        f"<section><h2>{escape(say('heading-urgent-queue'))}</h2>\n"
        f"<p><strong>{escape(told)}</strong></p>\n{table}</section>\n"
    )


def _row(item: "Item", words: ReportWords) -> str:
    state, sample, _, _, _, told, by, at, read_back = item.cells
    mark = "" if state == "done" else "■ "
    answered = words.say(f"word-{read_back}") if read_back else "–"
    shown = words.say(_STATES[state])
    shown += f" ({words.say('status-withdrawn')})" if item.withdrawn else ""
    cells = (mark + shown, told, by, at, answered)
    rest = "".join(f"<td>{escape(c or '–')}</td>" for c in cells)
    return f'<tr><th scope="row">{escape(sample)}</th>{rest}</tr>\n'
