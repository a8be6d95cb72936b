"""Tell all stored results of a folder again, patient by patient."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.progress import stage
from epilepsy_pgx.recall.again import Remaker
from epilepsy_pgx.recall.corrections import Corrections, named_nowhere, read_corrections
from epilepsy_pgx.recall.outcome import outcome_of
from epilepsy_pgx.recall.stored import Unread, stored_results
from epilepsy_pgx.recall.write import RecallWriter
from epilepsy_pgx.reference.package import Reference

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
    for stored in stored_results(asked.results):
        if corrections is not None and stored.sample not in corrections.samples:
            continue
        seen.add(stored.sample)
        if isinstance(stored, Unread):
            writer.add_unread(stored)
            continue
        try:
            made = remaker.remake(stored.report)
        except InputError as error:
            problems += [replace(p, sample=stored.sample) for p in error.problems]
            continue
        changes = remaker.changes(stored.report)
        found = outcome_of(stored.report, stored.edition, made, changes)
        if found.changes and found.draft is not None:
            found = replace(found, draft=remaker.with_next_tests(found.draft))
        writer.add(found)
    if corrections is not None and asked.sheet is not None:
        named_nowhere(corrections.samples, seen, asked.sheet)
    return problems
