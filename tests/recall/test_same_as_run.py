"""One row of a table edited: a recall says what a run says, or that it cannot be told.

Over every table that extraction or calling reads, by `reference/stages.py`. What rules make of
results is made anew by the same engine, so that what is known of a patient is compared here.
"""

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from epilepsy_pgx.errors import InputError, PgxError
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.model import InputFile, Provenance
from epilepsy_pgx.pipeline import predict
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.plan import join_batches, plan_batches
from epilepsy_pgx.pipeline.predict import RunSettings
from epilepsy_pgx.pipeline.stages import BatchJob, extract_batch, predict_batch
from epilepsy_pgx.pipeline.targets import TargetCache
from epilepsy_pgx.recall.again import Remaker
from epilepsy_pgx.recall.changes import NOT_READ, TableChanges
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.stages import STAGE_OF_TABLE, TableStage
from epilepsy_pgx.report.build import Assessed
from epilepsy_pgx.response.monogenic import load_cis_haplotypes
from epilepsy_pgx.variants.decode import Thresholds
from tests.ledger.bench import example, tables

ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-11-22"
KINDS = ("EX01", "EX03", "EX04", "EX05")
SEED = 20
MEANT = {
    "hla_alleles": "which alleles a typing shows is told from the typing",
    "phenotypes": "a phenotype is told from the stored alleles",
    "texts": "a check of which languages and figures there are",
}
"""Tables that calling reads and that change what a stored result means: told again in full."""
ROWS = {"alleles": 4, "allele_sites": 4, "sites": 4, "genes": 4, "classified_variants": 4}
WHOLE = {"alleles", "sites", "site_alleles", "genes", "contigs", "transcripts", "quality_limits"}
"""Tables to whose rows others point, so that no run is possible without one."""
COLUMNS = {
    "alleles": ("tier", "reported_as", "structural", "max_frequency"),
    "allele_sites": ("requirement", "allele", "base"),
    "sites": ("grch38_pos", "default_allele", "flank_left", "use"),
    "site_alleles": ("allele", "frequency"),
}
"""Columns of tables in which most other edits leave no run possible."""
OTHER = {"core": "rare", "rare": "core", "required": "allowed", "allowed": "required"}
OTHER |= {"allele": "variant", "variant": "allele"}
OTHER |= {"A": "G", "C": "T", "G": "A", "T": "C", "yes": "no", "no": "yes"}


@dataclass(frozen=True)
class Seen:
    """What a run knows of one patient before the rules."""

    known: Assessed
    files: tuple[InputFile, ...]
    build: str


def seen(self, known, unmapped, extraction, files) -> Seen:
    return Seen(known, (*extraction.inputs, *files), extraction.targets.build.value)


class Unruled:
    """Stands for the engine: only what a prediction asks of it before the rules."""

    def __init__(self, ref: Reference) -> None:
        self.haplotypes = load_cis_haplotypes(ref)


@pytest.fixture(scope="module")
def without_rules():
    """Let a prediction end where the rules begin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "ResponseEngine", Unruled)
        patch.setattr(predict, "next_tests_of", lambda *_: None)
        patch.setattr(predict.Predictor, "_report", seen)
        yield


def known_of(ref: Reference, folder: Path):
    """Return what a run knows of each example, with its files and build."""
    every = read_sheet(ROOT / "examples/samples.tsv", ref).rows
    rows = tuple(row for row in every if row.sample_id in KINDS)
    batch = join_batches(plan_batches(rows, 100))
    job = BatchJob(batch, ref, TargetCache(ref, None), Inspections(ref))
    extract_batch(job, Thresholds(), folder)
    found = {}
    for made in predict_batch(job, RunSettings(DAY), folder):
        if not isinstance(made, Seen):
            raise InputError(made.problems)
        found[made.known.patient.sample_id] = made
    return found


def stored_as(seen: Seen):
    """Return what is stored of a patient, as far as a recall looks at it."""
    known = seen.known
    made = Provenance("x", "x", ".", tables().digest, seen.files, seen.build, "x", DAY)
    return SimpleNamespace(
        patient=known.patient,
        clinical=known.clinical,
        genes=tuple(known.results.values()),
        findings=known.findings,
        coverage=tuple(known.coverage.values()),
        warnings=known.warnings,
        quality=known.quality,
        provenance=made,
    )


@pytest.fixture(scope="module")
def before(without_rules, tmp_path_factory):
    return known_of(tables(), tmp_path_factory.mktemp("before") / "x")


def told(ref: Reference, seen: Seen):
    remaker = Remaker.__new__(Remaker)
    remaker._day, remaker._genes, remaker._variants = DAY, {}, {}
    changes = TableChanges(tables(), ref)
    return remaker._assess(stored_as(seen), changes)


def as_text(known: Assessed) -> dict[str, object]:
    """Return what is compared, by gene and kind."""
    found: dict[str, object] = {}
    for gene, result in known.results.items():
        found[f"result {gene}"] = result
    for gene, read in known.coverage.items():
        found[f"coverage {gene}"] = read
    for finding in known.findings:
        found[f"finding {finding.gene} {finding.key}"] = finding
    for quality in () if known.quality is None else known.quality.genes:
        found[f"quality {quality.gene}"] = replace(quality, positions=0)
    return found


def read_tables() -> list[str]:
    """Return the tables that extraction or calling may read."""
    early = (TableStage.EXTRACT, TableStage.PREDICT)
    kept = NOT_READ - MEANT.keys()
    return sorted(t for t, s in STAGE_OF_TABLE.items() if s in early and t not in kept)


@cache
def carried() -> frozenset[str]:
    """Return the names of what the patients have: positions, variants, and genes of findings."""
    found = set()
    for name in KINDS:
        report = example(name)
        found |= {s.site for g in report.genes for s in g.sites}
        found |= {a for g in report.genes for d in g.diplotypes for a in d.alleles}
        found |= {w for f in report.findings for w in (f.curated_id, f.gene) if w}
    return frozenset(found - {"*1"})


def _some(rows: Sequence[int], number: int, chance: random.Random) -> list[int]:
    return chance.sample(rows, min(number, len(rows)))


def edits_of(table: str):
    """Yield the edits of a table, the same ones each time: line, column, cell."""
    head, *lines = (ROOT / f"reference/{table}.tsv").read_text(encoding="utf-8").splitlines()
    columns = head.split("\t")
    chance = random.Random(f"{SEED} {table}")
    wanted = ROWS.get(table, 2)
    near = [n for n, line in enumerate(lines) if carried() & {*line.split("	")}]
    for number in _some(near, wanted - wanted // 4, chance) + _some(
        range(len(lines)), wanted // 4, chance
    ):
        cells = lines[number].split("\t")
        said = ("source", "citations", "verified", "note")
        free = COLUMNS.get(table) or [c for c in columns if c not in said]
        column = chance.choice(free)
        yield number, column, _other(cells[columns.index(column)], chance)
        if table not in WHOLE:
            yield number, None, ""


def _other(cell: str, chance: random.Random) -> str:
    if cell in OTHER:
        return OTHER[cell]
    if cell.isdigit():
        return str(int(cell) + chance.choice((1, 7)))
    return "." if cell != "." else chance.choice(("A", "yes", "1"))


def edited(folder: Path, table: str, number: int, column: str | None, cell: str) -> Reference:
    """Return the tables with one cell set, or without the row if no column is named."""
    shutil.copytree(tables().path, folder, ignore=shutil.ignore_patterns("sequences"))
    (folder / "sequences").symlink_to(tables().path / "sequences")
    path = folder / f"{table}.tsv"
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    if column is None:
        del lines[number]
    else:
        cells = lines[number].split("\t")
        cells[head.split("\t").index(column)] = cell
        lines[number] = "\t".join(cells)
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return load_reference(folder)


def untold(ref: Reference, before, folder: Path) -> list[str] | None:
    """Return what a run knows otherwise and a recall does not say; None if no run is possible."""
    try:
        after = known_of(ref, folder)
    except (PgxError, ValueError, KeyError, IndexError, StopIteration, TypeError, AttributeError):
        return None
    wrong = []
    for sample, seen in before.items():
        again, still = told(ref, seen)
        if any(o.subject.startswith("table ") for o in still):
            continue
        subjects = " ".join(o.subject for o in still)
        new, now = as_text(after[sample].known), as_text(again)
        for what in sorted(new.keys() | now.keys()):
            gene = what.split(" ")[1]
            if new.get(what) != now.get(what) and gene not in subjects:
                wrong.append(f"{sample} {what}")
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize("table", read_tables())
def test_a_recall_says_what_a_run_says_or_that_it_cannot_be_told(table, before, tmp_path):
    faults = {}
    for place, (number, column, cell) in enumerate(edits_of(table)):
        try:
            ref = edited(tmp_path / f"r{place}", table, number, column, cell)
        except PgxError:
            continue
        wrong = untold(ref, before, tmp_path / f"x{place}")
        if wrong:
            faults[number + 2, column, cell] = wrong
    assert faults == {}
