"""Each table is of one stage, and no stage reads a table of a later one."""

import shutil
from pathlib import Path

import pytest

from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.plan import join_batches, plan_batches
from epilepsy_pgx.pipeline.predict import RunSettings
from epilepsy_pgx.pipeline.stages import BatchJob, extract_batch, predict_batch
from epilepsy_pgx.pipeline.targets import TargetCache
from epilepsy_pgx.reference import stages
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.stages import STAGE_OF_TABLE, TableStage, is_read_by, stage_digest
from epilepsy_pgx.report.serialise import report_to_json
from epilepsy_pgx.variants.record import Thresholds

KINDS = {"EX02", "EX05", "EX07", "EX09", "EX10"}
WORDING = ("\tCurrent drugs\n", "\tDrugs taken now\n")


def test_every_table_is_of_one_stage(root: Path) -> None:
    held = {path.stem for path in (root / "reference").glob("*.tsv")}
    assert held == {*STAGE_OF_TABLE}
    named = [name for names in stages._NAMES.values() for name in names.split()]
    assert sorted(named) == sorted(STAGE_OF_TABLE)


@pytest.fixture(scope="module")
def made(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The tables that extraction and prediction of the examples read, a kind of file each."""
    found: dict[str, set[str]] = {"extract": set(), "predict": set()}
    every = read_sheet(root / "examples/samples.tsv", load_reference(root / "reference")).rows
    rows = tuple(row for row in every if row.sample_id in KINDS)
    assert {row.sample_id for row in rows} == KINDS
    read, now = Reference.table, [""]
    ref = load_reference(root / "reference")
    with pytest.MonkeyPatch.context() as patch:

        def noted(self: Reference, name: str):  # type: ignore[no-untyped-def]
            if now[0]:
                found[now[0]].add(name)
            return read(self, name)

        patch.setattr(Reference, "table", noted)
        batch = join_batches(plan_batches(rows, 100))
        folder = tmp_path_factory.mktemp("s") / "x"
        now[0] = "extract"
        job = BatchJob(batch, ref, TargetCache(ref, None), Inspections(ref))
        extract_batch(job, Thresholds(), folder)
        now[0] = "predict"
        for result in predict_batch(job, RunSettings("2026-11-22"), folder):
            report_to_json(result)  # type: ignore[arg-type]
        now[0] = ""
    return found


def test_no_stage_reads_a_table_of_a_later_one(made: dict[str, set[str]]) -> None:
    assert len(made["extract"]) > 10
    assert len(made["predict"]) > 40
    for stage, names in made.items():
        late = {n for n in names if not is_read_by(Path(f"{n}.tsv"), TableStage(stage))}
        # Of the texts a prediction knows which there are, and no word: the next test.
        assert late <= ({"texts"} if stage == "predict" else set())


def edited(root: Path, folder: Path, table: str, old: str, new: str) -> Reference:
    shutil.copytree(root / "reference", folder)
    path = folder / f"{table}.tsv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_reference(folder)


@pytest.mark.parametrize(
    ("table", "old", "new", "first"),
    [
        ("texts", *WORDING, "report"),
        ("texts", "quality-identity-passed\ten\tCompared", "quality-x\ten\tCompared", "predict"),
        ("drugs", "\n", "\n", None),
        ("drug_rules", "e", "E", "predict"),
        ("sites", "\n", "\t\n", "extract"),
        ("CHANGES", "2026", "2027", None),
    ],
)
def test_a_change_reaches_its_stage_and_those_behind(
    root: Path, tmp_path: Path, table: str, old: str, new: str, first: str | None
) -> None:
    before = load_reference(root / "reference")
    after = edited(root, tmp_path / "reference", table, old, new)
    order = ("extract", "predict", "report")
    changed = [s for s in order if stage_digest(before, TableStage(s)) != _digest(after, s)]
    assert changed == ([] if first is None else list(order[order.index(first) :]))


def _digest(ref: Reference, stage: str) -> str:
    return stage_digest(ref, TableStage(stage))


def test_predictions_hold_no_word_of_the_texts(root: Path, tmp_path: Path) -> None:
    """All wordings changed, and nothing else: the prediction of a patient has the same bytes."""
    folder = tmp_path / "reference"
    shutil.copytree(root / "reference", folder)
    path = folder / "texts.tsv"
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head, *(f"{line} (again)" for line in lines)]) + "\n")
    results = []
    for number, ref in enumerate((load_reference(root / "reference"), load_reference(folder))):
        row = read_sheet(root / "examples/samples.tsv", ref).rows[6]
        job = BatchJob(
            join_batches(plan_batches([row], 1)), ref, TargetCache(ref, None), Inspections(ref)
        )
        extract_batch(job, Thresholds(), tmp_path / f"x{number}")
        found = predict_batch(job, RunSettings("2026-11-22"), tmp_path / f"x{number}")
        results.append([report_to_json(r) for r in found])  # type: ignore[arg-type]
    assert results[0] == results[1]
