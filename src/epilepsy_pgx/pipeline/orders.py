"""Bring orders and files together: a sample sheet of what may run, and a page on what may not."""

from collections.abc import Iterator, Mapping, Sequence
from os.path import relpath
from pathlib import Path

from epilepsy_pgx.errors import PgxError, Problem, counted
from epilepsy_pgx.files import make_folder, write_text
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.htslib import read_header
from epilepsy_pgx.intake.orders import IDENTIFIERS, Bound, Fault, Order, say_fault
from epilepsy_pgx.intake.sheet import SAMPLE_ID
from epilepsy_pgx.intake.whole import detect_kind, read_whole_head
from epilepsy_pgx.ledger.binding import BoundFile
from epilepsy_pgx.pipeline.cutting import digest_file
from epilepsy_pgx.report.plainpage import cell, page_section, page_table, plain_page
from epilepsy_pgx.report.tables import table_line
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.statement import Message
from epilepsy_pgx.tsv import line

SHEET = ("sample_id", "vcf", "vcf_sample", "vcf_sha256", "build", "callable", "genes_off")
IDENTITY = ("accession", *IDENTIFIERS, "specimen", "collected", "received", "requester")
STATES = ("refused", "waiting", "accepted")
_TITLES = {"refused": "order-refused", "waiting": "order-waiting", "accepted": "order-accepted"}
_PRIORITIES = {"stat": "order-priority-stat", "routine": "order-priority-routine"}


@dataclass(frozen=True, slots=True)
class Taken:
    """An order, the file bound to it, and what is wrong."""

    accession: str
    order: Order | None
    bound: Bound | None
    faults: tuple[Fault, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, for the terminal."""
        return tuple(f.problem for f in self.faults)

    @property
    def state(self) -> str:
        """`refused`, `waiting` or `accepted`."""
        if self.faults:
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
        fault = _fault(
            bound,
            "accession",
            "a file that nobody ordered",
            "an accession of an order",
            say_fault("order-file-unordered"),
        )
        found.append(Taken(accession, None, bound, (fault, *faults.get(accession, []))))
    return sorted(
        found, key=lambda t: (not (t.order and t.order.stat), STATES.index(t.state), t.accession)
    )


def _fault(bound: Bound, column: str, found: str, expected: str, said: Message) -> Fault:
    fix = "Exclude a swap: compare tube, file and order; then correct the manifest."
    place = (bound.file, bound.line, column)
    return Fault(Problem(*place, "order-file", found, expected, fix), said)


def _file_faults(manifest: Sequence[Bound], earlier: Sequence[Bound]) -> dict[str, list[Fault]]:
    """Return what is wrong with the file of each accession."""
    faults: dict[str, list[Fault]] = {}
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
            names = ", ".join(sorted(others))
            said = say_fault("order-file-again", accessions=names)
            what = f"the file of accession {names} again"
            mine.append(_fault(bound, "vcf_sha256", what, "a file of its own", said))
        same = [b for b in ids[bound.sample_id.casefold()] if b.accession != bound.accession]
        if same:
            here = any(id(b) in current for b in same)
            said = say_fault("order-sample-here") if here else say_fault("order-sample-earlier")
            where = "in this manifest" if here else "in an earlier one"
            what = f"the sample id of another accession {where}"
            mine.append(_fault(bound, "sample_id", what, "a sample id of its own", said))
    return faults


def _one_sample(one: Bound, other: Bound) -> bool:
    """Say whether two rows mean one sample of a file; without its name they may."""
    names = {b.cells.get("vcf_sample") for b in (one, other)}
    return None in names or len(names) == 1


def _own_faults(bound: Bound) -> Iterator[Fault]:
    """Yield what is wrong with a row and its files by themselves."""
    if not SAMPLE_ID.fullmatch(bound.sample_id):
        # The sheet refuses it for everybody.
        what = "a sample id with other characters, or more than 64"
        wish = "letters, digits, '.', '_', '-', first a letter or digit"
        yield _fault(bound, "sample_id", what, wish, say_fault("order-sample-id"))
    for path, digest in zip(bound.vcfs, bound.digests, strict=True):
        try:
            found = digest_file("VCF", path).digest
            names = read_header(path, read_whole_head(path, detect_kind(path))).samples
        except (OSError, PgxError):
            said = say_fault("order-file-unreadable")
            yield _fault(bound, "vcf", "no file that can be read", "the file of the run", said)
            continue
        if found != digest:
            said = say_fault("order-file-changed")
            what = "a file with another SHA-256"
            yield _fault(bound, "vcf_sha256", what, "the file that was bound", said)
        wanted = bound.cells.get("vcf_sample") or (names[0] if len(names) == 1 else bound.sample_id)
        if wanted not in names:
            said = say_fault("order-file-sample", number=str(len(names)))
            what = f"a file of {counted(len(names), 'sample')}, none of this name"
            yield _fault(bound, "vcf_sample", what, "the name in the file", said)
        elif "vcf_sample" not in bound.cells and bound.sample_id not in names:
            what = "a file whose sample has another name, which the manifest does not confirm"
            wish = "the name in the file, as it was checked against the tube"
            yield _fault(bound, "vcf_sample", what, wish, say_fault("order-file-name"))


def write_orders(
    taken: Sequence[Taken],
    out: Path,
    words: Wording,
    entries: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Write the sample sheet of what is accepted, the table of all orders, and their page.

    Parameters
    ----------
    words
        Of the language of the page.
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
    head = ("state", "priority", "accession", "sample_id", "received")
    table = [line((*head, "check", "column", "found", "expected"))]
    for one in taken:
        for problem in one.problems or (None,):
            said: tuple[str, ...] = ()
            if problem is not None:
                said = (problem.check, problem.column, problem.found, problem.expected)
            received = one.order.cells.get("received") if one.order else None
            table.append(table_line((*_named(one), received, *said, *[None] * (4 - len(said)))))
    write_text(out / "orders.tsv", "".join(table))
    write_text(out / "index.html", _page(taken, words))


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


def _page(taken: Sequence[Taken], words: Wording) -> str:
    """Return the page: what is refused first, with the reasons."""
    say = words.say
    columns = [
        say("label-accession"),
        say("label-sample"),
        say("order-priority"),
        say("order-remarks"),
    ]
    sections = []
    for state in STATES:
        mine = [t for t in taken if t.state == state]
        if mine:
            title = say(_TITLES[state], number=str(len(mine)))
            table = page_table(columns, [_page_row(t, words) for t in mine])
            sections.append(page_section(title, table))
    return plain_page("heading-orders", sections, words)


def _page_row(one: Taken, words: Wording) -> list[str]:
    _, priority, accession, sample = _named(one)
    why = [
        words.say(
            "order-remark",
            what=words.tell(fault.said),
            file=Path(fault.problem.file).name,
            line=str(fault.problem.line),
        )
        for fault in one.faults
    ]
    off = one.order.cells.get("genes_off") if one.order else None
    why += [words.say("order-genes-off", genes=off.replace("|", ", "))] if off else []
    known = _PRIORITIES.get(priority or "")
    shown = words.say(known) if known else priority
    return [cell(accession), cell(sample), cell(shown), "<br>".join(map(cell, why)) or cell(None)]


def accepted_files(taken: Sequence[Taken]) -> list[BoundFile]:
    """Return what each accepted order is bound to."""
    return [
        BoundFile(t.accession, t.bound.sample_id, t.bound.digests)
        for t in taken
        if t.state == "accepted" and t.bound is not None
    ]


def numbers(taken: Sequence[Taken]) -> Mapping[str, int]:
    """Return how many orders are in each state."""
    return {state: sum(t.state == state for t in taken) for state in STATES}
