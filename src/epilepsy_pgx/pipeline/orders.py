"""Bring orders and files together: a sample sheet of what may run, and a page on what may not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from os.path import relpath
from pathlib import Path

from epilepsy_pgx.errors import PgxError, Problem
from epilepsy_pgx.files import make_folder, write_text
from epilepsy_pgx.htslib import read_header
from epilepsy_pgx.intake.orders import IDENTIFIERS, Bound, Order
from epilepsy_pgx.intake.whole import detect_kind, read_whole_head
from epilepsy_pgx.pipeline.cutting import digest_file
from epilepsy_pgx.report.format import TEMPLATES
from epilepsy_pgx.report.tables import table_line
from epilepsy_pgx.tsv import line

SHEET = ("sample_id", "vcf", "vcf_sample", "vcf_sha256", "build", "callable", "genes_off")
IDENTITY = ("accession", *IDENTIFIERS, "specimen", "collected", "received", "requester")
STATES = ("refused", "waiting", "accepted")
_TITLES = {
    "refused": "Refused: not to be run before it is settled",
    "waiting": "Waiting for a file",
    "accepted": "Accepted",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """An order, the file bound to it, and what is wrong."""

    accession: str
    order: Order | None
    bound: Bound | None
    problems: tuple[Problem, ...]

    @property
    def state(self) -> str:
        """`refused`, `waiting` or `accepted`."""
        if self.problems:
            return "refused"
        return "waiting" if self.bound is None else "accepted"


def join_orders(
    orders: Sequence[Order], manifest: Sequence[Bound], earlier: Sequence[Bound] = ()
) -> list[Taken]:
    """Return every order and every file, with what is wrong; what cannot wait comes first.

    Parameters
    ----------
    earlier
        Rows of the manifests of other runs: their files belong to their accessions.
    """
    by_accession = {b.accession: b for b in manifest}
    faults = _file_faults(manifest, earlier)
    found = []
    for order in orders:
        bound = by_accession.pop(order.accession, None)
        mine = faults.get(order.accession, []) if bound else []
        found.append(Taken(order.accession, order, bound, (*order.faults, *mine)))
    for accession, bound in by_accession.items():
        problem = _problem(
            bound, "accession", "a file that nobody ordered", "an accession of an order"
        )
        found.append(Taken(accession, None, bound, (problem, *faults.get(accession, []))))
    return sorted(
        found, key=lambda t: (not (t.order and t.order.stat), STATES.index(t.state), t.accession)
    )


def _problem(bound: Bound, column: str, found: str, expected: str) -> Problem:
    fix = "Exclude a swap: compare tube, file and order; then correct the manifest."
    return Problem(bound.file, bound.line, column, "order-file", found, expected, fix)


def _file_faults(manifest: Sequence[Bound], earlier: Sequence[Bound]) -> dict[str, list[Problem]]:
    """Return what is wrong with the file of each accession."""
    faults: dict[str, list[Problem]] = {}
    users: dict[str, list[Bound]] = {}
    ids: dict[str, list[Bound]] = {}
    for bound in (*earlier, *manifest):
        ids.setdefault(bound.sample_id.casefold(), []).append(bound)
        for digest in bound.digests:
            users.setdefault(digest, []).append(bound)
    current = {id(b) for b in manifest}
    for bound in manifest:
        mine = faults.setdefault(bound.accession, [])
        mine += _own_faults(bound)
        others = {
            b.accession for digest in bound.digests for b in users[digest] if _one_sample(b, bound)
        } - {bound.accession}
        if others:
            what = f"the file of accession {', '.join(sorted(others))} again"
            mine.append(_problem(bound, "vcf_sha256", what, "a file of its own"))
        same = [b for b in ids[bound.sample_id.casefold()] if b.accession != bound.accession]
        if same:
            where = (
                "in this manifest" if any(id(b) in current for b in same) else "in an earlier one"
            )
            mine.append(
                _problem(
                    bound,
                    "sample_id",
                    f"the sample id of another accession {where}",
                    "a sample id of its own",
                )
            )
    return faults


def _one_sample(one: Bound, other: Bound) -> bool:
    """Say whether two rows mean one sample of a file; without its name they may."""
    names = {b.cells.get("vcf_sample") for b in (one, other)}
    return None in names or len(names) == 1


def _own_faults(bound: Bound) -> Iterator[Problem]:
    """Yield what is wrong with a row and its files by themselves."""
    for path, digest in zip(bound.vcfs, bound.digests, strict=True):
        try:
            found = digest_file("VCF", path).digest
            names = read_header(path, read_whole_head(path, detect_kind(path))).samples
        except (OSError, PgxError):
            yield _problem(bound, "vcf", "no file that can be read", "the file of the run")
            continue
        if found != digest:
            yield _problem(
                bound, "vcf_sha256", "a file with another SHA-256", "the file that was bound"
            )
        wanted = bound.cells.get("vcf_sample") or (names[0] if len(names) == 1 else bound.sample_id)
        if wanted not in names:
            yield _problem(
                bound,
                "vcf_sample",
                f"a file of {len(names)} samples, none of this name",
                "the name in the file",
            )
        elif "vcf_sample" not in bound.cells and bound.sample_id not in names:
            yield _problem(
                bound,
                "vcf_sample",
                "a file whose sample has another name, which the manifest does not confirm",
                "the name in the file, as it was checked against the tube",
            )


def write_orders(
    taken: Sequence[Taken], out: Path, entries: Mapping[str, Mapping[str, str]] | None = None
) -> None:
    """Write the sample sheet of what is accepted, the table of all orders, and their page.

    Parameters
    ----------
    entries
        More columns of the sheet, by accession.
    """
    make_folder(out)
    entries = entries or {}
    more = {c: None for cells in entries.values() for c in cells}
    columns = tuple(dict.fromkeys((*SHEET, *IDENTITY, *more)))
    rows = [line(columns)]
    for one in taken:
        if one.state == "accepted" and one.order is not None and one.bound is not None:
            rows.append(table_line(_sheet_row(one, entries, out, columns)))
    write_text(out / "samples.tsv", "".join(rows))
    head = ("state", "priority", "accession", "sample_id", "check", "column", "found", "expected")
    table = [line(head)]
    for one in taken:
        for problem in one.problems or (None,):
            said: tuple[str, ...] = ()
            if problem is not None:
                said = (problem.check, problem.column, problem.found, problem.expected)
            table.append(table_line((*_named(one), *said, *[None] * (4 - len(said)))))
    write_text(out / "orders.tsv", "".join(table))
    write_text(out / "index.html", _page(taken))


def _named(one: Taken) -> tuple[str | None, ...]:
    priority = one.order.cells.get("priority", "routine") if one.order else None
    return one.state, priority, one.accession, one.bound.sample_id if one.bound else None


def _sheet_row(
    one: Taken, entries: Mapping[str, Mapping[str, str]], out: Path, columns: Sequence[str]
) -> list[str | None]:
    order, bound = one.order, one.bound
    assert order is not None
    assert bound is not None
    cells: dict[str, str | None] = {**entries.get(one.accession, {}), **bound.cells}
    cells |= {c: order.cells.get(c) for c in (*IDENTITY, "genes_off")}
    # The sheet lies elsewhere than the manifest, and paths in it are seen from its folder.
    cells["vcf"] = "|".join(relpath(path, out) for path in bound.vcfs)
    covers = cells.get("callable")
    if covers and covers != "all":
        cells["callable"] = relpath(Path(bound.file).parent / covers, out)
    return [cells.get(c) for c in columns]


def _page(taken: Sequence[Taken]) -> str:
    """Return the page: what is refused first, with the reasons."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    sections = []
    for state in STATES:
        mine = [t for t in taken if t.state == state]
        if not mine:
            continue
        rows = "".join(_page_row(t) for t in mine)
        sections.append(
            f"<section><h2>{_TITLES[state]}: {len(mine)}</h2>\n<table><thead><tr>"
            '<th scope="col">Accession</th><th scope="col">Sample</th><th scope="col">Priority</th>'
            '<th scope="col">Remarks</th></tr></thead><tbody>\n'
            f"{rows}</tbody></table></section>\n"
        )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>Orders</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<header class="top"><h1>Orders</h1></header>\n<main>\n{"".join(sections)}</main>\n'
        "</body>\n</html>\n"
    )


def _page_row(one: Taken) -> str:
    _, priority, _, sample = _named(one)
    why = [
        f"{p.column}: {p.found}; expected {p.expected} ({Path(p.file).name}, line {p.line})"
        for p in one.problems
    ]
    off = one.order.cells.get("genes_off") if one.order else None
    why += [f"switched off: {off.replace('|', ', ')}"] if off else []
    body = "<br>".join(map(escape, why)) or "–"
    name = escape(sample or "–")
    return (
        f'<tr><th scope="row">{escape(one.accession)}</th><td>{name}</td>'
        f"<td>{escape(priority or '–')}</td><td>{body}</td></tr>\n"
    )


def numbers(taken: Sequence[Taken]) -> Mapping[str, int]:
    """Return how many orders are in each state."""
    return {state: sum(t.state == state for t in taken) for state in STATES}
