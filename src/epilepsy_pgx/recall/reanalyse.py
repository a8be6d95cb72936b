"""Tell all stored results of a folder again, patient by patient."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.ledger.stale import earlier_of, name_earlier
from epilepsy_pgx.progress import stage
from epilepsy_pgx.recall.again import Remaker
from epilepsy_pgx.recall.corrections import Corrections, named_nowhere, read_corrections
from epilepsy_pgx.recall.outcome import outcome_of
from epilepsy_pgx.recall.spread import spread
from epilepsy_pgx.recall.stored import Unread, results_to_tell
from epilepsy_pgx.recall.write import RecallWriter, Told
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.serialise import packed, report_from_json

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a re-analysis is asked to do."""

    results: Path
    out: Path
    day: str
    made_with: tuple[Reference, ...] = ()
    """Tables that may have made the stored results."""
    sheet: Path | None = None
    """A corrected sheet: only its patients are told again."""
    language: str = "en"
    """Of the page; a draft stays in the language of the report."""
    processes: int = 1
    """How many tell patients again beside the one that reads them; with one it does both."""


@dataclass(frozen=True, slots=True)
class Reanalysed:
    """What was found."""

    numbers: dict[str, int]
    """Patients by state."""
    problems: tuple[Problem, ...]

    @property
    def patients(self) -> int:
        """How many patients were looked at."""
        return sum(self.numbers.values())


def reanalyse(asked: Asked, ref: Reference) -> Reanalysed:
    """Write whose report would read otherwise, and drafts of the amendments.

    Raises
    ------
    InputError
        If nothing is stored, or the sheet cannot be used.
    """
    corrections = None if asked.sheet is None else read_corrections(asked.sheet, ref, asked.day)
    remaker = Remaker(ref, asked.made_with, asked.day, corrections)
    writer = RecallWriter(asked.out, ref, asked.language)
    problems: list[Problem] = [] if corrections is None else list(corrections.problems)
    with stage(_log, "reanalyse") as made:
        problems += _all(asked, remaker, writer, corrections)
        made |= {"patients": sum(writer.numbers.values()), "changes": writer.numbers["changes"]}
    if not sum(writer.numbers.values()):
        raise (
            InputError(problems)
            if problems
            else InputError.one(
                "results-stored",
                file=str(asked.results),
                found="no stored result of any patient",
                expected="a folder of results: released reports, drafts as JSON, or predictions",
                fix="Name the folder that 'run' or the workflow wrote.",
            )
        )
    writer.finish()
    return Reanalysed(writer.numbers, tuple(problems))


def _all(
    asked: Asked, remaker: Remaker, writer: RecallWriter, corrections: Corrections | None
) -> Sequence[Problem]:
    """Tell each patient again; return what is wrong with the rows of some."""
    problems: list[Problem] = []
    seen: set[str] = set()

    def wanted() -> Iterator[Unread | _Packed]:
        for stored in results_to_tell(asked.results, remaker.tables):
            faulty = () if corrections is None else corrections.faulty.get(stored.sample, ())
            if faulty:
                yield _faulty(stored.sample, faulty)
                continue
            if corrections is not None and stored.sample not in corrections.samples:
                continue
            seen.add(stored.sample)
            if isinstance(stored, Unread):
                yield stored
            else:
                # The changed tables are compared once, before this process is copied.
                remaker.changes(stored.report)
                yield _Packed(stored.sample, stored.edition, packed(stored.report))

    for item, told in spread(_Teller(remaker, writer), wanted(), asked.processes):
        if isinstance(item, Unread):
            writer.add_unread(item)
        elif isinstance(told, InputError):
            problems += [replace(p, sample=item.sample) for p in told.problems]
            writer.add_unread(_faulty(item.sample, told.problems))
        elif told is not None:
            writer.keep(told)
    if corrections is not None and asked.sheet is not None:
        named_nowhere(corrections.samples, seen, asked.sheet)
    return problems


def _faulty(sample: str, problems: Iterable[Problem]) -> Unread:
    """Return that a patient's row of the sheet cannot be used: the lines on it say the rest."""
    said = dict.fromkeys(f"{p.column} [{p.check}]" for p in problems)
    return Unread(sample, f"the row of the sheet cannot be used: {', '.join(said)}")


@dataclass(frozen=True, slots=True)
class _Packed:
    """A stored result on its way to the process that tells it again."""

    sample: str
    edition: str
    report: bytes


class _Teller:
    """Tells one patient again, and writes the draft if actions change."""

    def __init__(self, remaker: Remaker, writer: RecallWriter) -> None:
        self._remaker, self._writer = remaker, writer

    def __call__(self, item: Unread | _Packed) -> Told | InputError | None:
        """Return the rows of a patient, or why the sheet's row cannot be used."""
        if isinstance(item, Unread):
            return None
        report = report_from_json(item.report, own=True)
        try:
            made = self._remaker.remake(report)
        except InputError as error:
            return error
        found = outcome_of(report, item.edition, made, self._remaker.changes(report))
        if found.changes and found.draft is not None:
            draft = self._remaker.with_next_tests(found.draft)
            found = replace(found, draft=name_earlier(draft, earlier_of(report)))
        return self._writer.told(found)
