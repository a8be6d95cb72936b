"""The plan of a run as files: each is written only if that changes it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

import epilepsy_pgx.intake.phenopacket as phenopacket_module
import epilepsy_pgx.intake.sheet as sheet_module
from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import InputError, TableError
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.pipeline.manifest import write_plan
from epilepsy_pgx.pipeline.planned import PlanFolder
from epilepsy_pgx.reference.package import Reference
from tests.intake.test_clinvar import text as clinvar_text
from tests.reference.overlays import BASE, own_rule, write_overlay

HEAD = "sample_id\tvcf\tbuild\tsex\trecord_number\tphenopacket"
BEFORE = 1_000_000_000
"""A time long ago, in seconds."""


def row(number: int, sex: str = "female", packet: str = "") -> str:
    return f"P{number}\tp{number}.vcf\tGRCh38\t{'' if packet else sex}\tR{number}\t{packet}"


def plan(folder: Path, ref: Reference, *rows: str, size: int = 2) -> set[str]:
    """Plan a sheet; return the names of the files that were written."""
    sheet, out = folder / "s.tsv", folder / "plan"
    sheet.write_text("\n".join([HEAD, *rows]) + "\n")
    for path in out.glob("*") if out.is_dir() else ():
        os.utime(path, (BEFORE, BEFORE))
    (out / "plan.json").unlink(missing_ok=True)  # as Snakemake does
    write_plan(out, read_sheet(sheet, ref, packets=False), size, ref)
    found = {p.name for p in out.glob("*.*") if p.stat().st_mtime > BEFORE}
    return found - {"plan.json", ".epilepsy-pgx.lock"}


@pytest.fixture
def five(tmp_path: Path, reference: Reference) -> Path:
    plan(tmp_path, reference, *map(row, range(5)))
    return tmp_path


def test_the_same_sheet_writes_nothing(five: Path, reference: Reference) -> None:
    assert plan(five, reference, *map(row, range(5))) == set()


def test_a_patient_more_changes_one_batch(five: Path, reference: Reference) -> None:
    both = {"batch00003.files.json", "batch00003.rows.json", "cohort.json"}
    assert plan(five, reference, row(9), *map(row, range(5))) == both


def test_a_patient_less_changes_one_batch(five: Path, reference: Reference) -> None:
    both = {"batch00001.files.json", "batch00001.rows.json", "cohort.json"}
    assert plan(five, reference, *map(row, range(1, 5))) == both


def test_a_batch_of_nobody_goes(five: Path, reference: Reference) -> None:
    assert plan(five, reference, *map(row, range(4))) == {"cohort.json", "identity.json"}
    assert not list((five / "plan").glob("batch00003.*"))


def test_a_changed_entry_extracts_nothing(five: Path, reference: Reference) -> None:
    rows = [row(0), row(1), row(2, "male"), row(3), row(4)]
    assert plan(five, reference, *rows) == {"batch00002.rows.json"}


def test_another_order_changes_the_tables_over_all_alone(five: Path, reference: Reference) -> None:
    changed = plan(five, reference, *map(row, (4, 0, 1, 2, 3)))
    assert changed == {"cohort.json"}


def test_a_faulty_patient_is_in_no_batch(five: Path, reference: Reference) -> None:
    rows = [*map(row, range(5)), row(7, "neither")]
    assert plan(five, reference, *rows) == {"cohort.json"}
    joined = PlanFolder(five / "plan").joined(reference)
    assert [f.sample_id for f in joined.faulty] == ["P7"]
    assert "P7" in joined.patients
    assert joined.lines["P4"] == 6


def test_the_jobs_of_a_batch_read_its_packets_alone(tmp_path: Path, reference: Reference) -> None:
    (tmp_path / "mine.json").write_text("{}")
    rows = [row(0), row(1), row(2, packet="mine.json"), row(3, packet="none.json")]
    plan(tmp_path, reference, *rows)
    folder = PlanFolder(tmp_path / "plan")
    first, second = (folder.batch(f"batch0000{n}", reference) for n in (1, 2))
    assert [r.sample_id for r in first.rows] == ["P0", "P1"]
    assert first.rows == tuple(
        type(r)(**{**{f: getattr(r, f) for f in r.__slots__}, "line": 0})
        for r in read_sheet(tmp_path / "s.tsv", reference).rows[:2]
    )
    assert [f.sample_id for f in second.faulty] == ["P2", "P3"]
    assert second.patients == {"P2", "P3"}
    assert second.groups[0].named == (("P2", "P2"),)
    assert folder.files("batch00002", reference).groups[0].named == (("P2", "P2"),)


@pytest.mark.parametrize("name", ["batch00009", "cohort"])
def test_what_is_no_batch_is_one_line(five: Path, reference: Reference, name: str) -> None:
    with pytest.raises(InputError, match="plan-readable"):
        PlanFolder(five / "plan").batch(name, reference)


def test_a_file_that_is_missing_is_named_and_stops_no_other(
    tmp_path: Path, reference: Reference
) -> None:
    """Which files a job of the workflow waits for: `files_of` takes those that exist."""
    rows = [row(0), row(1, packet="none.json")]
    plan(tmp_path, reference, *rows)
    files, read = (
        msgspec.json.decode((tmp_path / f"plan/batch00001.{kind}.json").read_bytes())["inputs"]
        for kind in ("files", "rows")
    )
    assert files == [str(tmp_path / "p0.vcf"), str(tmp_path / "p1.vcf")]
    assert read == [str(tmp_path / "none.json")]
    batch = PlanFolder(tmp_path / "plan").batch("batch00001", reference)
    assert [r.sample_id for r in batch.rows] == ["P0"]
    assert batch.patients == {"P0", "P1"}


GOOD = '{"id": "P", "subject": {"id": "P", "sex": "FEMALE"}}'


@pytest.mark.parametrize(
    ("packets", "usable"),
    [
        (("{", "{"), False),
        (("{", None), False),
        ((None, None), False),
        (("{", GOOD), True),
        ((GOOD, "{"), True),
        (("{", "."), True),
    ],
)
def test_a_sheet_without_a_phenopacket_that_can_be_used_is_refused(
    tmp_path: Path, packets: tuple[str | None, ...], usable: bool
) -> None:
    """With every problem, as that of a sheet without a row that can be used."""
    rows = []
    for number, text in enumerate(packets):
        if text not in (None, "."):
            (tmp_path / f"{number}.json").write_text(str(text))
        rows.append(row(number, packet="" if text == "." else f"{number}.json"))
    if usable:
        command(tmp_path, rows=rows)
        assert (tmp_path / "plan/plan.json").exists()
        return
    with pytest.raises(InputError) as found:
        command(tmp_path, rows=rows)
    assert {p.sample for p in found.value.problems} == {"P0", "P1"}
    assert not (tmp_path / "plan").exists()


def test_no_packet_behind_one_that_can_be_used_is_read(
    tmp_path: Path, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = phenopacket_module.read_phenopacket_file

    def read(path: Path, *words: Any, **more: Any) -> Any:
        seen.append(path.name)
        return real(path, *words, **more)

    monkeypatch.setattr(phenopacket_module, "read_phenopacket_file", read)
    for number in range(3):
        (tmp_path / f"{number}.json").write_text(GOOD)
    command(tmp_path, rows=[row(n, packet=f"{n}.json") for n in range(3)])
    assert seen == ["0.json"]


def test_rows_that_stayed_are_not_read_again(
    tmp_path: Path, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    real = sheet_module.parse_clinical

    def parse(*words: Any, line: int, **more: Any) -> Any:
        seen.append(line)
        return real(*words, line=line, **more)

    monkeypatch.setattr(sheet_module, "parse_clinical", parse)
    one, two, three = row(1), row(2), row(3, "neither")
    command(tmp_path, rows=[one, two, three])
    assert seen == [2, 3, 4]
    before = {p.name: p.read_bytes() for p in (tmp_path / "plan").glob("batch*")}
    command(tmp_path, rows=[one, two, three])
    # A row at fault is read each time: its fault is to be told.
    assert seen[3:] == [4]
    assert {p.name: p.read_bytes() for p in (tmp_path / "plan").glob("batch*")} == before
    command(tmp_path, rows=[two, row(1, "male"), three])
    assert seen[4:] == [3, 4]
    command(tmp_path, rows=[two, row(1, "neither")])
    assert seen[6:] == [3]
    (tmp_path / "plan/predict.tables").write_text("other tables")
    command(tmp_path, rows=[two])
    assert seen[7:] == [2]


def command(folder: Path, *words: str | Path, rows: Sequence[str] = (row(1),)) -> None:
    """Plan a sheet, as the workflow does."""
    (folder / "s.tsv").write_text("\n".join([HEAD, *rows]) + "\n")
    given = ["plan", "--samples", folder / "s.tsv", "--out", folder / "plan"]
    commands.main([str(w) for w in (*given, *words)], standalone_mode=False)


def test_an_overlay_that_softens_stops_the_run(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    write_overlay(own, {"drug_rules": [own_rule(response="standard dosing")]})
    with pytest.raises(TableError, match="overlay-softens"):
        command(tmp_path, "--reference", BASE, "--overlay", own)
    assert not (tmp_path / "plan").exists()


def test_a_copy_of_clinvar_that_cannot_be_used_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "c.vcf").write_text(clinvar_text("2025-01-01", build="GRCh36"))
    with pytest.raises(InputError, match="no build"):
        command(tmp_path, "--clinvar", tmp_path / "c.vcf")


def test_a_fasta_that_cannot_be_used_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        command(tmp_path, "--reference-fasta", tmp_path / "none.fa")
    assert not (tmp_path / "plan").exists()
