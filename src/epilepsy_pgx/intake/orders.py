"""Orders of a laboratory, and the manifest that binds sample, file and accession."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.clinical import COLUMNS as CLINICAL_COLUMNS
from epilepsy_pgx.intake.scope import read_digests, split_list
from epilepsy_pgx.intake.sheet import INPUT_COLUMNS
from epilepsy_pgx.intake.table import MISSING, is_day, nearest, read_table
from epilepsy_pgx.statement import Message, Value

IDENTIFIERS = ("record_number", "name", "birth_date")
"""Of these two must be given."""
ORDER = (
    "accession",
    *IDENTIFIERS,
    "specimen",
    "collected",
    "received",
    "requester",
    "genes_off",
    "consent",
    "priority",
    "repeat_of",
)
MANIFEST = ("accession", "sample_id", "vcf", "vcf_sample", "vcf_sha256", "build", "callable")
_NEEDED = ("accession", "specimen", "collected", "received", "requester", "consent")
PRIORITIES = ("routine", "stat")
YES = "yes"
FILES = frozenset({"hla", "outside_calls", "classifications", "phenopacket", "fingerprint"})
"""Columns of the sheet that name files."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an order or its file: for the terminal, and for a page in any language."""

    problem: Problem
    said: Message


def say_fault(text_id: str, **values: str) -> Message:
    """Return a message of a page."""
    return Message(text_id, tuple(Value(name, (value,)) for name, value in values.items()))


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asked for."""

    accession: str
    cells: Mapping[str, str]
    """Columns of the sheet that are given."""
    line: int
    faults: tuple[Fault, ...] = ()

    @property
    def stat(self) -> bool:
        """True if it cannot wait."""
        return self.cells.get("priority") == "stat"


@dataclass(frozen=True, slots=True)
class Bound:
    """A row of a manifest."""

    accession: str
    sample_id: str
    vcfs: tuple[Path, ...]
    digests: tuple[str, ...]
    cells: Mapping[str, str]
    line: int
    file: str


def read_orders(
    path: Path, today: str | None = None, genes: Collection[str] | None = None
) -> list[Order]:
    """Read an order sheet; what is wrong with an order stands with it.

    Parameters
    ----------
    today
        ISO date behind which no date may lie; that of the clock if None.
    genes
        Genes that may be switched off; None for any.

    Raises
    ------
    InputError
        If the form of the sheet is wrong, or an order has no accession of its own.
    """
    rows = list(_rows(path, ORDER, ("accession",), "order-sheet"))
    people: dict[str, tuple[int, Mapping[str, str]]] = {}
    orders = []
    for line, cells in rows:
        faults: list[Fault] = []

        def report(
            column: str,
            check: str,
            found: str,
            expected: str,
            said: Message,
            at: int = line,
            into: list[Fault] = faults,
        ) -> None:
            fix = "Ask who ordered, and correct the sheet."
            into.append(Fault(Problem(str(path), at, column, check, found, expected, fix), said))

        _check_order(cells, report, today or date.today().isoformat())
        _check_genes(cells, report, genes)
        number = cells.get("record_number")
        if number is not None:
            first_line, first = people.setdefault(number, (line, cells))
            for column in ("birth_date", "name"):
                said = {c[column].casefold() for c in (first, cells) if c.get(column)}
                if len(said) > 1:
                    report(
                        column,
                        "order-person",
                        f"another {column} than line {first_line} with the same record_number",
                        "one answer for one person",
                        say_fault("order-other-person", column=column, first=str(first_line)),
                    )
        orders.append(Order(cells["accession"], cells, line, tuple(faults)))
    return _repeats(path, orders)


def _check_order(cells: Mapping[str, str], report: Callable[..., None], today: str) -> None:
    for column in _NEEDED:
        if column not in cells:
            said = say_fault("order-lacks", column=column)
            report(column, "order-cell", "nothing", "an answer", said)
    if sum(c in cells for c in IDENTIFIERS) < 2:
        names = ", ".join(IDENTIFIERS)
        said = say_fault("order-identifiers", columns=names)
        found = "fewer than two identifiers"
        report("record_number", "order-identifiers", found, f"two of {names}", said)
    if cells.get("consent", YES) != YES:
        said = say_fault("order-consent")
        report("consent", "order-consent", "no consent to the test", f"'{YES}'", said)
    if cells.get("priority", PRIORITIES[0]) not in PRIORITIES:
        said = say_fault("order-word", column="priority", words=", ".join(PRIORITIES))
        found = f"{cells['priority']!r}"
        report("priority", "order-cell", found, " or ".join(PRIORITIES), said)
    days = [(c, cells[c]) for c in ("birth_date", "collected", "received") if c in cells]
    wrong = [c for c, day in days if not is_day(day)]
    for column in wrong:
        said = say_fault("order-date-form", column=column)
        found = "a date in another form"
        report(column, "order-date", found, "a date such as 2026-03-31", said)
    for column in [c for c, day in days if c not in wrong and day > today]:
        said = say_fault("order-date-future", column=column)
        report(column, "order-date", "a date to come", f"a date until {today}", said)
    if not wrong and [d for _, d in days] != sorted(d for _, d in days):
        said = say_fault("order-date-sequence")
        found = "dates in another order"
        report("received", "order-date", found, "birth, collection, receipt", said)


def _check_genes(
    cells: Mapping[str, str], report: Callable[..., None], genes: Collection[str] | None
) -> None:
    """Report genes to switch off that the tables do not have: the wrong one would be told."""
    if genes is None:
        return
    for gene in split_list(cells.get("genes_off")):
        if gene not in genes:
            near = nearest(gene, sorted(genes))
            words = near or ", ".join(sorted(genes))
            said = say_fault("order-word", column="genes_off", words=words)
            expected = f"genes of the tables, such as {near}" if near else "genes of the tables"
            found = f"{gene!r}, which the tables lack"
            report("genes_off", "order-cell", found, expected, said)


def _repeats(path: Path, orders: list[Order]) -> list[Order]:
    """Report orders of a person who has another one, unless they say that they repeat it."""
    first: dict[tuple[str, ...], Order] = {}
    here = {o.accession for o in orders}
    found = []
    for order in orders:
        known = _persons(order)
        before = next((first[k] for k in known if k in first), order)
        for key in known:
            first.setdefault(key, order)
        again = order.cells.get("repeat_of")
        mine = {o.accession for o in orders if o is not order and _one_person(o, order)}
        if again is not None and (
            again == order.accession or (again in here and again not in mine)
        ):
            problem = Problem(
                str(path),
                order.line,
                "repeat_of",
                "order-repeat-of",
                "an order of another patient, or this one",
                "an earlier accession of the same patient",
                "Ask who ordered; name the patient's own accession.",
            )
            fault = Fault(problem, say_fault("order-repeat-other"))
            order = Order(order.accession, order.cells, order.line, (*order.faults, fault))
        elif before is not order and again not in mine:
            problem = Problem(
                str(path),
                order.line,
                "repeat_of",
                "order-repeated",
                f"a second order for the patient of line {before.line}",
                "one order for a patient, or the accession that it repeats",
                "Ask who ordered; name the earlier accession in repeat_of.",
            )
            fault = Fault(problem, say_fault("order-repeated", first=str(before.line)))
            order = Order(order.accession, order.cells, order.line, (*order.faults, fault))
        found.append(order)
    return found


def _persons(order: Order) -> list[tuple[str, ...]]:
    """Return what tells who a patient is, as far as it is given."""
    cells = order.cells
    pairs = (("record_number", "birth_date"), ("name", "birth_date"))
    keys = [tuple(cells.get(c, "").casefold() for c in pair) for pair in pairs]
    return [k for k in keys if all(k)]


def _one_person(one: Order, other: Order) -> bool:
    """Say whether two orders name one person: by two identifiers, or all that both give."""
    both = [c for c in IDENTIFIERS if c in one.cells and c in other.cells]
    same = [c for c in both if one.cells[c].casefold() == other.cells[c].casefold()]
    return len(same) > 1 or same == both == [IDENTIFIERS[0]]


def read_manifest(path: Path) -> list[Bound]:
    """Read a manifest: which file, with which digest, belongs to which accession.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    needed = ("accession", "sample_id", "vcf", "vcf_sha256")
    problems: list[Problem] = []
    found = []
    for line, cells in _rows(path, MANIFEST, needed, "manifest"):
        vcfs = tuple(path.parent / name for name in split_list(cells.get("vcf")))
        digests = read_digests(cells.get("vcf_sha256"))
        lacking = [c for c in needed if c not in cells]
        if lacking or len(vcfs) != len(digests):
            column = lacking[0] if lacking else "vcf_sha256"
            problems.append(
                Problem(
                    str(path),
                    line,
                    column,
                    "manifest",
                    "nothing" if lacking else f"{len(digests)} digests of {len(vcfs)} files",
                    "accession, sample, and each file with its SHA-256",
                    "Correct the row.",
                )
            )
            continue
        found.append(
            Bound(cells["accession"], cells["sample_id"], vcfs, digests, cells, line, str(path))
        )
    if problems:
        raise InputError(problems)
    return found


def switch_off(orders: Iterable[Order], entries: Mapping[str, Mapping[str, str]]) -> list[Order]:
    """Return orders with the genes that are switched off in the order or in its entry."""
    found = []
    for order in orders:
        given = (order.cells, entries.get(order.accession, {}))
        off = dict.fromkeys(gene for c in given for gene in split_list(c.get("genes_off")))
        cells = {**order.cells, "genes_off": "|".join(off)} if off else order.cells
        found.append(replace(order, cells=cells))
    return found


def read_entries(
    path: Path, known: Collection[str] | None = None, genes: Collection[str] | None = None
) -> dict[str, dict[str, str]]:
    """Read what is known of patients beside their orders: columns of the sheet, by accession.

    Files are named as seen from the folder of the table.

    Parameters
    ----------
    known
        Accessions that there are; None if any may be.
    genes
        Genes that may be switched off; None for any.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    columns = tuple(c for c in (*INPUT_COLUMNS, *CLINICAL_COLUMNS) if c not in MANIFEST)
    found = {}
    strange = []
    for line, cells in _rows(path, ("accession", *columns), ("accession",), "order-entries"):
        if known is not None and cells["accession"] not in known:
            # An entry that finds no order would leave its patient without it, a typing above all.
            what = "an accession of no order", "one of the orders or manifests"
            fix = "Correct it: the patient that it is meant for has no entry."
            strange.append(Problem(str(path), line, "accession", "order-entries", *what, fix))

        def report(
            column: str, check: str, found: str, expected: str, _: Message, at: int = line
        ) -> None:
            fix = "Correct the entry."
            strange.append(Problem(str(path), at, column, check, found, expected, fix))

        _check_genes(cells, report, genes)
        for column in FILES & cells.keys():
            names = (str((path.parent / name).absolute()) for name in split_list(cells[column]))
            cells[column] = "|".join(names)
        found[cells["accession"]] = cells
    if strange:
        raise InputError(strange)
    return found


def _rows(
    path: Path, known: tuple[str, ...], needed: tuple[str, ...], check: str
) -> Iterator[tuple[int, dict[str, str]]]:
    table = read_table(path, f"{check}-readable")
    problems = [
        Problem(
            str(path), 1, name, check, "no column of this name", f"a column '{name}'", "Add it."
        )
        for name in needed
        if name not in table.header
    ]
    problems += [
        Problem(
            str(path),
            1,
            ".",
            check,
            f"a name of column {number} that is not known",
            f"the columns {', '.join(known)}",
            "Rename or remove it.",
        )
        for number, name in enumerate(table.header, 1)
        if name not in known
    ]
    seen: dict[str, int] = {}
    for line, cells in table.rows if not problems else ():
        accession = cells["accession"]
        if accession in MISSING or accession in seen:
            found = (
                "nothing" if accession in MISSING else f"the accession of line {seen[accession]}"
            )
            problems.append(
                Problem(
                    str(path),
                    line,
                    "accession",
                    check,
                    found,
                    "an accession in each row, each once",
                    "Correct the row.",
                )
            )
        seen.setdefault(accession, line)
    if problems:
        raise InputError(problems)
    for line, cells in table.rows:
        yield line, {c: v for c, v in cells.items() if v not in MISSING}
