"""The genomes of all runs of a folder: one that comes again under another id is a swap or a repeat.

A run compares its own samples, and a laboratory runs those of each week alone. So each run leaves
what genomes are compared by beside its tables, and the next one compares its samples with that. An
earlier run never makes a result more certain: only a genome that agrees says anything.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.files import make_folder, write_text
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.ledger.latest import GENOMES
from epilepsy_pgx.pipeline.artefact import BatchRecord, open_fingerprints, read_batch
from epilepsy_pgx.pipeline.identity import panel_of, stated_of
from epilepsy_pgx.pipeline.stages import BatchJob
from epilepsy_pgx.quality.identity import IdentityResult, Panel, compare_all
from epilepsy_pgx.quality.pairs import MISSING
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.tsv import line, read_table
from epilepsy_pgx.variants.sites import load_sites
from epilepsy_pgx.vocabulary import GenomeBuild

HEAD = ("sample_id", "stated", "same_genome")
_MOST = 9
"""Highest number of an allele that fingerprints tell apart."""


@dataclass(frozen=True, slots=True)
class Genomes:
    """Samples, what is stated of who they are, and what their genomes are compared by."""

    names: tuple[str, ...]
    stated: tuple[frozenset[str], ...]
    """By sample, words; samples that share one are of one person, or of twins."""
    prints: NDArray[np.int8]


class GenomesOfRuns:
    """What earlier runs of a folder left, and what the samples of this one say beside it."""

    def __init__(self, results: Path, panel: Panel, ref: Reference) -> None:
        """Read what earlier runs left.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        self._path = results / GENOMES
        self._panel, self._limits = panel, read_limits(ref)
        listed = {s.name: s.alleles for s in load_sites(ref, GenomeBuild.GRCH38).sites}
        self._genotypes = [_genotypes(listed[name]) for name in panel.sites]
        self._codes = [
            {text: code for code, texts in known.items() for text in texts}
            for known in self._genotypes
        ]
        self._known = self._read()

    def compare(
        self, now: Genomes, results: Mapping[str, IdentityResult]
    ) -> tuple[dict[str, IdentityResult], list[str]]:
        """Return the results of a run with the samples of earlier ones that have a genome again.

        All samples are written down for the next run. The lines say what was found.
        """
        known, found = self._known, dict(results)
        kept = [i for i, name in enumerate(known.names) if name not in now.names]
        together = Genomes(
            (*now.names, *(known.names[i] for i in kept)),
            (*now.stated, *(known.stated[i] for i in kept)),
            np.concatenate([now.prints, known.prints[kept]]),
        )
        lines = [*self._changed(now)]
        if kept or not {*now.names} <= found.keys():
            words = one_word(together.names, together.stated)
            compared: Sequence[IdentityResult] = compare_all(
                together.names, together.prints, self._panel, self._limits, words
            )
        else:
            # Nobody of an earlier run is missing in this one, which compared them all.
            compared = [found[name] for name in now.names]
        for result in compared[: len(now.names)]:
            name = result.sample_id
            earlier = tuple(n for n in result.same_genome if n not in now.names)
            if earlier and name in found:
                own = found[name]
                found[name] = replace(
                    own,
                    compared=own.compared + len(earlier),
                    same_genome=(*own.same_genome, *earlier),
                )
                lines.append(
                    f"{name} has the genome of {', '.join(earlier)} of an earlier run: exclude a "
                    "swap or a repeated sample before any of these reports is released"
                )
        self._write(together, compared)
        return found, lines

    def _changed(self, now: Genomes) -> Iterable[str]:
        """Yield a line for each sample that had another genome in an earlier run."""
        rows = {name: i for i, name in enumerate(self._known.names)}
        for name, mine in zip(now.names, now.prints, strict=True):
            if name in rows:
                other = self._known.prints[rows[name]]
                both = (mine != MISSING) & (other != MISSING)
                enough = both.sum() >= self._limits["identity-minimum-positions"]
                if enough and (mine != other)[both].sum() > self._limits["identity-differences"]:
                    yield f"{name} has another genome than in an earlier run: exclude a swap"

    def _read(self) -> Genomes:
        if not self._path.is_file():
            return Genomes((), (), np.empty((0, len(self._panel.sites)), np.int8))
        try:
            rows = list(read_table(self._path))
            return Genomes(
                tuple(r["sample_id"] for r in rows),
                tuple(frozenset(_words(r["stated"])) for r in rows),
                np.array([self._print(r) for r in rows], np.int8).reshape(
                    len(rows), len(self._panel.sites)
                ),
            )
        except (KeyError, ValueError, AttributeError, csv.Error):
            raise InputError.one(
                "genomes-table",
                file=str(self._path),
                found="columns or cells that no such table has",
                expected="the genomes of earlier runs as 'run' wrote them",
                fix="Bring it back from a backup. If it is moved away, samples of earlier runs "
                "are not compared.",
            ) from None

    def _print(self, row: Mapping[str, str]) -> list[int]:
        return [
            codes.get(row.get(site) or ".", MISSING)
            for site, codes in zip(self._panel.sites, self._codes, strict=True)
        ]

    def _write(self, all_: Genomes, compared: Sequence[IdentityResult]) -> None:
        lines = [line((*HEAD, *self._panel.sites))]
        rows = zip(all_.names, all_.stated, all_.prints.tolist(), compared, strict=True)
        for name, stated, codes, result in sorted(rows, key=lambda row: row[0]):
            cells = (
                name,
                "|".join(sorted(stated)) or ".",
                "|".join(sorted(result.same_genome)) or ".",
            )
            written = zip(codes, self._genotypes, strict=True)
            genotypes = [known[code][0] if code != MISSING else "." for code, known in written]
            lines.append(line((*cells, *genotypes)))
        make_folder(self._path.parent)
        write_text(self._path, "".join(lines))


def compare_with_earlier(
    job: BatchJob, extracted: Path, found: Mapping[str, IdentityResult], results: Path
) -> tuple[dict[str, IdentityResult], list[str]]:
    """Hold an extracted batch against the earlier runs of a folder, as `GenomesOfRuns` does.

    Parameters
    ----------
    extracted
        Folder of the extracted batches.
    found
        What the comparison within the run says.
    results
        Folder of the runs.

    Raises
    ------
    InputError
        If what earlier runs left cannot be read.
    """
    stated = {row.sample_id: stated_of(row) for row in job.batch.rows}
    records = {job.batch.name: read_batch(job.batch, extracted / job.batch.name, job.ref)}
    return _compare(records, Extracted(extracted, stated, job.ref), found, results)


def compare_planned_with_earlier(
    batches: Iterable[str], these: "Extracted", found: Mapping[str, IdentityResult], results: Path
) -> tuple[dict[str, IdentityResult], list[str]]:
    """Hold the batches of a workflow against its earlier runs, as `compare_with_earlier` does."""
    records = {name: read_batch(None, these.folder / name, these.ref) for name in batches}
    return _compare(records, these, found, results)


@dataclass(frozen=True, slots=True)
class Extracted:
    """Extracted batches, and what is stated of their samples."""

    folder: Path
    stated: Mapping[str, frozenset[str]]
    """As of `Genomes`, by sample."""
    ref: Reference


def _compare(
    records: Mapping[str, BatchRecord],
    these: Extracted,
    found: Mapping[str, IdentityResult],
    results: Path,
) -> tuple[dict[str, IdentityResult], list[str]]:
    panel = panel_of(these.ref)
    # Also where nobody is compared, a table that cannot be read ends the run before it writes.
    earlier = GenomesOfRuns(results, panel, these.ref)
    names = [name for record in records.values() for name in record.compared]
    if not names:
        return dict(found), []
    width = len(panel.sites)
    prints = [open_fingerprints(r, these.folder / n, width) for n, r in records.items()]
    stated = tuple(these.stated.get(name) or frozenset({f"sample:{name}"}) for name in names)
    return earlier.compare(Genomes(tuple(names), stated, np.concatenate(prints)), found)


def one_word(names: Sequence[str], stated: Sequence[frozenset[str]]) -> dict[str, str]:
    """Return one word for each sample, the same for all that are joined by the words they share."""
    leader: dict[str, str] = {}

    def find(word: str) -> str:
        while leader.setdefault(word, word) != word:
            word = leader[word]
        return word

    for name, words in zip(names, stated, strict=True):
        for word in words:
            leader[find(word)] = find(f"sample:{name}")
    return {name: find(f"sample:{name}") for name in names}


def _words(cell: str) -> list[str]:
    return [] if cell == "." else cell.split("|")


def _genotypes(alleles: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Return how the pair behind each number is written; in either order it is read."""
    return {
        high * (high + 1) // 2 + low: (f"{one}/{other}", f"{other}/{one}")
        for high, other in enumerate(alleles[: _MOST + 1])
        for low, one in enumerate(alleles[: high + 1])
    }
