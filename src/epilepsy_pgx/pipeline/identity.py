"""Stage identify: compare the genomes of all patients of a run with each other."""

import csv
import logging
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.files import replace_text
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.ledger.entries import person_key
from epilepsy_pgx.pipeline.artefact import BatchRecord, open_fingerprints, read_batch
from epilepsy_pgx.pipeline.plan import Batch
from epilepsy_pgx.progress import stage
from epilepsy_pgx.quality.identity import (
    IdentityFinding,
    IdentityResult,
    Panel,
    Verdict,
    choose_panel,
    compare_all,
    take_fingerprints,
)
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.tsv import ColumnsError, line, read_columns, read_table
from epilepsy_pgx.variants.sites import load_sites
from epilepsy_pgx.variants.store import GenotypeStore
from epilepsy_pgx.vocabulary import GenomeBuild

_log = logging.getLogger(__name__)
COLUMNS = (
    "sample_id",
    "positions",
    "compared",
    "same_genome",
    "unclear",
    "expected",
    "differ",
    "finding",
)
EARLIER = Path("identity") / "earlier.txt"
"""In a folder of results: what the last comparison with earlier runs found, a line each."""
VERDICT_COLUMNS = ("sample_id", "positions", "finding")


class Fingerprints:
    """Collects what genomes are compared by, group after group."""

    def __init__(self, ref: Reference) -> None:
        """Choose the positions."""
        self._panel = panel_of(ref)
        self.samples: list[str] = []
        self._prints: list[NDArray[np.int8]] = []

    def add(self, store: GenotypeStore, named: Sequence[tuple[str, str]]) -> None:
        """Take the samples of one group; one whose column is missing is left out.

        Parameters
        ----------
        named
            Id, and name in the files.
        """
        column = {name: i for i, name in enumerate(store.samples)}
        held = [(sample, column[name]) for sample, name in named if name in column]
        if held:
            prints = take_fingerprints(store, self._panel)
            self._prints.append(prints[[at for _, at in held]])
            self.samples += [sample for sample, _ in held]

    def taken(self) -> NDArray[np.int8]:
        """Return the fingerprints, [sample, position]."""
        none = np.empty((0, len(self._panel.sites)), np.int8)
        return np.concatenate([none, *self._prints])


def panel_of(ref: Reference) -> Panel:
    """Return the positions by which genomes are compared: the same for both builds."""
    sites = load_sites(ref, GenomeBuild.GRCH38)
    return choose_panel(ref, sites, read_limits(ref)["identity-frequency"])


def one_person(rows: Iterable[SampleRow]) -> dict[str, str]:
    """Return a word by sample id; samples with the same word are stated to share a genome.

    They share a record number, or one names the other in `same_genome_as`.
    """
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    known: dict[str, str] = {}
    for row in rows:
        if row.patient.record_number is not None:
            first = known.setdefault(row.patient.record_number, row.sample_id)
            leader[find(row.sample_id)] = find(first)
        if row.same_genome_as is not None:
            leader[find(row.sample_id)] = find(row.same_genome_as)
    return {name: find(name) for name in leader}


def stated_of(row: SampleRow) -> frozenset[str]:
    """Return words for the person of a row: rows of one person, or of twins, share one.

    Record number, or name and birth date, are written as a part of their digest.
    """
    words = {f"sample:{row.sample_id}"}
    if row.same_genome_as is not None:
        words.add(f"sample:{row.same_genome_as}")
    patient = row.patient
    if patient.record_number is not None:
        words.add(f"record:{_digest(patient.record_number)}")
    if patient.name is not None and patient.birth_date is not None:
        # An order need not have a record number.
        words.add(f"person:{_digest(person_key(patient.name), patient.birth_date)}")
    return frozenset(words)


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def identify_batches(
    batches: Sequence[Batch], extracted: Path, ref: Reference
) -> dict[str, IdentityResult]:
    """Compare the patients of all extracted batches.

    Raises
    ------
    InputError
        If a batch was extracted with other curated tables, or its extraction is damaged.
    """
    records = {b.name: read_batch(b, extracted / b.name, ref) for b in batches}
    return _compare(records, extracted, ref, one_person(r for b in batches for r in b.rows))


def identify_planned(
    names: Iterable[str], stated: Mapping[str, str], extracted: Path, ref: Reference
) -> dict[str, IdentityResult]:
    """Compare the patients of the batches of a plan.

    Parameters
    ----------
    stated
        As of `compare_all`.

    Raises
    ------
    InputError
        As `identify_batches` does.
    """
    records = {name: read_batch(None, extracted / name, ref) for name in names}
    return _compare(records, extracted, ref, stated)


def _compare(
    records: Mapping[str, BatchRecord], extracted: Path, ref: Reference, stated: Mapping[str, str]
) -> dict[str, IdentityResult]:
    panel = panel_of(ref)
    names = [sample for record in records.values() for sample in record.compared]
    if not names:
        return {}
    prints = np.concatenate(
        [open_fingerprints(r, extracted / n, len(panel.sites)) for n, r in records.items()]
    )
    # In the order of ids: what is found must not depend on the batches.
    order = sorted(range(len(names)), key=names.__getitem__)
    names, prints = [names[i] for i in order], prints[order]
    with stage(_log, "identify", patients=len(names)) as made:
        results = compare_all(names, prints, panel, read_limits(ref), stated)
        made["same_genome"] = sum(bool(r.same_genome) for r in results)
        made["unclear"] = sum(bool(r.unclear) for r in results)
    return dict(zip(names, results, strict=True))


def identity_text(results: Mapping[str, IdentityResult]) -> str:
    """Write the comparison as a table; lists are joined by `|`."""
    lines = [line(COLUMNS)]
    for name in sorted(results):
        r = results[name]
        cells = [r.sample_id, str(r.positions), str(r.compared)]
        cells += ["|".join(x) or "." for x in (r.same_genome, r.unclear, r.expected, r.differ)]
        cells.append(r.verdict.finding.value)
        lines.append(line(cells))
    return "".join(lines)


def verdicts_of(results: Mapping[str, IdentityResult]) -> dict[str, Verdict]:
    """Return what the reports say of the comparison, by sample id."""
    return {name: result.verdict for name, result in results.items()}


WITHDRAWN = frozenset({IdentityFinding.FAILED, IdentityFinding.DIFFERS})
"""Findings after which a report says nothing of the genome."""


def withdrawn_of(verdicts: Mapping[str, Verdict], done: Iterable[str]) -> tuple[str, ...]:
    """Return whose reports the comparison withdraws, of those who have one, sorted."""
    told = (s for s in done if s in verdicts and verdicts[s].finding in WITHDRAWN)
    return tuple(sorted(told))


def write_verdicts(
    results: Mapping[str, IdentityResult], batches: Mapping[str, Iterable[str]], folder: Path
) -> None:
    """Write what the reports of each batch say of the comparison: only tables that change.

    A table that stays as it was lets the reports of its batch stay.

    Parameters
    ----------
    batches
        Sample ids by batch.
    """
    for name, samples in batches.items():
        lines = [line(VERDICT_COLUMNS)]
        for sample in sorted(samples):
            if sample in results:
                verdict = results[sample].verdict
                lines.append(line((sample, str(verdict.positions), verdict.finding.value)))
        replace_text(folder / f"{name}.tsv", "".join(lines))


def read_earlier(results: Path) -> list[str]:
    """Return what the last comparison with earlier runs found; nothing if there was none."""
    place = results / EARLIER
    return place.read_text(encoding="utf-8").splitlines() if place.is_file() else []


def read_verdicts(paths: Iterable[Path]) -> dict[str, Verdict]:
    """Read such tables back, or that of the comparison.

    Raises
    ------
    InputError
        If a file is no such table.
    """
    found: dict[str, Verdict] = {}
    for path in paths:
        try:
            if not {*VERDICT_COLUMNS} <= {*read_columns(path)}:
                raise ColumnsError
            for row in read_table(path):
                if None in row or None in row.values():
                    raise ValueError("more cells than columns, or fewer")
                cells = {name: row[name] for name in VERDICT_COLUMNS}
                read = msgspec.convert(cells, _VerdictRow, strict=False)
                found[read.sample_id] = Verdict(read.positions, read.finding)
        except ColumnsError:
            raise _other_table(path, "other columns") from None
        except (ValueError, csv.Error):
            raise _other_table(path, "cells that no such table has") from None
    return found


class _VerdictRow(msgspec.Struct, frozen=True):
    """A row of what the reports say."""

    sample_id: str
    positions: int
    finding: IdentityFinding


def _other_table(path: Path, found: str) -> InputError:
    return InputError.one(
        "identity-table",
        file=str(path),
        found=found,
        expected=", ".join(VERDICT_COLUMNS),
        fix="Use the table that 'identify' wrote.",
    )
