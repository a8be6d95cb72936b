"""Stage identify: compare the genomes of all patients of a run with each other."""

import csv
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.pipeline.artefact import damaged, group_folder, read_batch
from epilepsy_pgx.pipeline.plan import Batch
from epilepsy_pgx.progress import stage
from epilepsy_pgx.quality.identity import (
    IdentityResult,
    Panel,
    choose_panel,
    compare_all,
    take_fingerprints,
)
from epilepsy_pgx.records import DamagedRecordError
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.tsv import ColumnsError, line, read_table
from epilepsy_pgx.variants.sites import SiteList, load_sites
from epilepsy_pgx.variants.store import GenotypeStore, open_store
from epilepsy_pgx.vocabulary import GenomeBuild

_log = logging.getLogger(__name__)
COLUMNS = ("sample_id", "positions", "compared", "same_genome", "unclear", "expected", "differ")
_LISTS = frozenset(COLUMNS[3:])


class Comparison:
    """Collects fingerprints, group after group, and compares them at the end."""

    def __init__(self, ref: Reference) -> None:
        """Choose the positions."""
        self._limits = read_limits(ref)
        self._panel: Panel = choose_panel(
            ref, load_sites(ref, GenomeBuild.GRCH38), self._limits["identity-frequency"]
        )
        self._rows: list[SampleRow] = []
        self._prints: list[NDArray[np.int8]] = []

    def add(self, store: GenotypeStore, rows: Sequence[SampleRow]) -> None:
        """Take the samples of one group; a row whose column is missing is left out."""
        column = {name: i for i, name in enumerate(store.samples)}
        held = [row for row in rows if row.vcf_sample in column]
        if held:
            prints = take_fingerprints(store, self._panel)
            self._prints.append(prints[[column[row.vcf_sample] for row in held]])
            self._rows += held

    def compare(self) -> dict[str, IdentityResult]:
        """Return what the comparison says, by sample id."""
        if not self._rows:
            return {}
        names = [row.sample_id for row in self._rows]
        with stage(_log, "identify", patients=len(names)) as made:
            results = compare_all(
                names,
                np.concatenate(self._prints),
                self._panel,
                self._limits,
                one_person(self._rows),
            )
            made["same_genome"] = sum(bool(r.same_genome) for r in results)
            made["unclear"] = sum(bool(r.unclear) for r in results)
        return dict(zip(names, results, strict=True))


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


def identify_batches(
    batches: Sequence[Batch], extracted: Path, sites: Mapping[GenomeBuild, SiteList], ref: Reference
) -> dict[str, IdentityResult]:
    """Compare the patients of all extracted batches.

    Raises
    ------
    InputError
        If a batch was extracted with other curated tables, or its extraction is damaged.
    """
    comparison = Comparison(ref)
    for batch in batches:
        folder = extracted / batch.name
        record = read_batch(batch, folder, ref)
        for number, group in enumerate(batch.groups):
            if record.extractions[number] is not None:
                place = group_folder(folder, number)
                try:
                    store = open_store(place / "store", sites[group.build])
                except DamagedRecordError as error:
                    raise damaged(place, error) from error
                comparison.add(store, group.rows)
    return comparison.compare()


def identity_text(results: Mapping[str, IdentityResult]) -> str:
    """Write the comparison as a table; lists are joined by `|`."""
    lines = [line(COLUMNS)]
    for name in sorted(results):
        r = results[name]
        cells = [r.sample_id, str(r.positions), str(r.compared)]
        cells += ["|".join(x) or "." for x in (r.same_genome, r.unclear, r.expected, r.differ)]
        lines.append(line(cells))
    return "".join(lines)


def read_identity(path: Path) -> dict[str, IdentityResult]:
    """Read the table back.

    Raises
    ------
    InputError
        If the file is not such a table.
    """
    try:
        cells = [_typed_cells(row) for row in read_table(path, COLUMNS)]
        found = msgspec.convert(cells, tuple[IdentityResult, ...], strict=False)
    except ColumnsError:
        raise _other_table(path, "other columns") from None
    except (ValueError, csv.Error):
        raise _other_table(path, "cells that no such table has") from None
    return {result.sample_id: result for result in found}


def _typed_cells(row: Mapping[str, str | None]) -> dict[str, object]:
    """Return a row with its lists apart; the numbers are still text."""
    return {
        name: ([] if cell == "." else cell.split("|")) if cell and name in _LISTS else cell
        for name, cell in row.items()
    }


def _other_table(path: Path, found: str) -> InputError:
    return InputError.one(
        "identity-table",
        file=str(path),
        found=found,
        expected=", ".join(COLUMNS),
        fix="Use the table that 'identify' wrote.",
    )
