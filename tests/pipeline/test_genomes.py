"""A genome that comes again in a later run under another id is found; nothing else changes."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.ledger.latest import GENOMES, failed_samples
from epilepsy_pgx.pipeline.genomes import Genomes, GenomesOfRuns, one_word
from epilepsy_pgx.pipeline.identity import panel_of, read_earlier
from epilepsy_pgx.quality.identity import IdentityFinding, IdentityResult
from tests.command import run
from tests.ledger.bench import tables

ROOT = Path(__file__).resolve().parents[2]
VCF = ROOT / "examples/vcf/clinic.GRCh38.vcf.gz"
COLUMNS = ("sample_id", "vcf_sample", "record_number", "same_genome_as", "name", "birth_date")
CORA, ANNE = ("Cora Coe", "1990-02-11"), ("Anne Ann", "1999-01-01")
NOBODY = (".", ".")
FIRST = (("EX03", "EX03", "M3", ".", *CORA), ("EX04", "EX04", "M4", ".", *NOBODY))


def weekly(folder, *rows):
    """Run the samples of a week into the folder of all weeks."""
    (folder / "s.tsv").write_text("\n".join("\t".join(r) for r in (COLUMNS, *rows)) + "\n")
    words = ("--vcf", VCF, "--build", "GRCh38", "--samples", "s.tsv", "--out", "r")
    done = run("run", *words, "--formats", "json", "--date", "2026-11-27", cwd=folder)
    with (folder / "r/cohort/identity.tsv").open() as handle:
        found = {r["sample_id"]: r["finding"] for r in csv.DictReader(handle, delimiter="\t")}
    return done, found


@pytest.fixture(scope="module")
def first_week(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weeks")
    done, found = weekly(folder, *FIRST)
    assert (done.returncode, set(found.values())) == (0, {"passed"})
    return folder


@pytest.mark.parametrize(
    ("rows", "failed", "said"),
    [
        # The genome of EX03 under another id and number.
        (
            [("NEW", "EX03", "M9", ".", *NOBODY)],
            {"NEW", "EX03"},
            "NEW has the genome of EX03 of an earlier",
        ),
        (
            [("NEW", "EX03", ".", ".", *ANNE)],
            {"NEW", "EX03"},
            "NEW has the genome of EX03 of an earlier",
        ),
        # Another specimen of the person, the same sample again, and another person.
        ([("NEW", "EX03", "M3", ".", *NOBODY)], set(), ""),
        ([("NEW", "EX03", ".", ".", "COE, Cora", CORA[1])], set(), ""),
        ([FIRST[0]], set(), ""),
        ([("EX05", "EX05", "M5", ".", *NOBODY)], set(), ""),
        # The tube of another under the same id.
        (
            [("EX03", "EX05", "M3", ".", *CORA)],
            set(),
            "EX03 has another genome than in an earlier run",
        ),
        ([("EX03", "EX04", "M3", ".", *CORA)], {"EX03", "EX04"}, "EX03 has the genome of EX04"),
    ],
)
def test_a_genome_of_an_earlier_week(rows, failed, said, first_week, tmp_path):
    import shutil

    shutil.copytree(first_week / "r", tmp_path / "r")
    done, found = weekly(tmp_path, *rows)
    assert said in done.stderr
    if not said:
        assert "genome" not in done.stderr
    assert set(failed_samples(tmp_path / "r")) == failed
    for name, *_ in rows:
        # An earlier run makes nothing surer: alone in its run, a sample is not assessed.
        assert found[name] == ("failed" if name in failed else "not-assessed")
    # The right file of that sample settles it, whichever it was.
    again = [("NEW", "EX06", ".", ".", *NOBODY)] if rows[0][0] == "NEW" else [FIRST[0]]
    weekly(tmp_path, *again)
    assert failed_samples(tmp_path / "r") == {}


def test_what_cannot_be_read_stops_the_run_before_it_writes(first_week, tmp_path):
    place = tmp_path / "r" / GENOMES
    place.parent.mkdir(parents=True)
    place.write_text("sample_id\tother\nA\tB\n")
    with pytest.raises(InputError, match="genomes-table"):
        GenomesOfRuns(tmp_path / "r", panel_of(tables()), tables())


def test_genotypes_are_kept_by_their_alleles(first_week, tmp_path):
    """So tables with other positions, or others in between, read them all the same."""
    panel = panel_of(tables())
    read = GenomesOfRuns(first_week / "r", panel, tables())._known
    assert (read.prints >= 0).sum(axis=1).min() > 60
    text = (first_week / "r" / GENOMES).read_text().splitlines()
    cut = ["\t".join(line.split("\t")[:3] + line.split("\t")[4:]) for line in text]
    (tmp_path / "cohort").mkdir()
    (tmp_path / GENOMES).write_text("\n".join(cut) + "\n")
    fewer = GenomesOfRuns(tmp_path, panel, tables())
    assert (fewer._known.prints[:, 0] == -1).all()
    assert (fewer._known.prints[:, 1:] == read.prints[:, 1:]).all()
    nothing = IdentityResult("NEW", 70, 0, (), ())
    now = Genomes(("NEW",), (frozenset(),), read.prints[:1])
    found, (line,) = fewer.compare(now, {"NEW": nothing})
    assert found["NEW"].verdict.finding is IdentityFinding.FAILED
    assert found["NEW"] == replace(nothing, compared=1, same_genome=("EX03",))
    assert line.startswith("NEW has the genome of EX03")


def test_words_join_persons_over_several_samples():
    stated = [{"record:1"}, {"record:1", "sample:C"}, set(), {"record:2"}]
    words = one_word("ABCD", [frozenset(s) for s in stated])
    assert words["A"] == words["B"] == words["C"] != words["D"]


def weekly_in_stages(folder, *rows):
    """Go through the commands of the workflow with the sheet of a week, up to the comparison."""
    columns = (*COLUMNS, "vcf", "build")
    cells = ((*row, str(VCF), "GRCh38") for row in rows)
    (folder / "w.tsv").write_text("\n".join("\t".join(r) for r in (columns, *cells)) + "\n")
    steps = [("plan", "--samples", "w.tsv", "--out", "r/plan")]
    done = [run(*words, cwd=folder) for words in steps]
    plan = ("--plan", "r/plan")
    for path in sorted((folder / "r/plan").glob("batch*.files.json")):
        name = path.name.split(".")[0]
        words = ("--batch", name, "--out", f"r/extract/{name}")
        done.append(run("extract", *plan, *words, cwd=folder))
    words = ("--extracted", "r/extract", "--verdicts", "r/identity", "--results", "r")
    done.append(run("identify", *plan, *words, "--out", "r/cohort/identity.tsv", cwd=folder))
    assert [(d.returncode, d.stderr if d.returncode else "") for d in done] == [(0, "")] * len(done)
    told = {
        r["sample_id"]: r["finding"]
        for path in (folder / "r/identity").glob("batch*.tsv")
        for r in csv.DictReader(path.read_text().splitlines(), delimiter="\t")
    }
    return done[-1], told


@pytest.fixture(scope="module")
def first_week_in_stages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planned")
    _, found = weekly_in_stages(folder, *FIRST)
    assert set(found.values()) == {"passed"}
    return folder


@pytest.mark.parametrize(
    ("rows", "failed", "said"),
    [
        (
            [("NEW", "EX03", "M9", ".", *NOBODY), FIRST[1]],
            {"NEW", "EX03"},
            "NEW has the genome of EX03",
        ),
        ([("NEW", "EX03", "M3", ".", *NOBODY)], set(), ""),
        ([("NEW", "EX03", ".", ".", "COE, Cora", CORA[1])], set(), ""),
        (FIRST, set(), ""),
        (
            [("EX03", "EX05", "M3", ".", *CORA)],
            set(),
            "EX03 has another genome than in an earlier run",
        ),
    ],
)
def test_the_workflow_finds_the_genome_of_an_earlier_week(
    rows, failed, said, first_week_in_stages, tmp_path
):
    import shutil

    shutil.copytree(first_week_in_stages / "r", tmp_path / "r")
    before = (tmp_path / "r" / GENOMES).read_bytes()
    done, found = weekly_in_stages(tmp_path, *rows)
    assert said in done.stderr
    assert [line for line in read_earlier(tmp_path / "r") if said in line] == read_earlier(
        tmp_path / "r"
    )
    assert bool(read_earlier(tmp_path / "r")) == bool(said)
    assert {n for n, finding in found.items() if finding == "failed"} == failed & found.keys()
    # Whose genome it was is told as well, though the sheet has them no more.
    assert set(failed_samples(tmp_path / "r")) == failed
    if rows is FIRST:
        assert (tmp_path / "r" / GENOMES).read_bytes() == before


def test_both_ways_leave_the_same_genomes(first_week, first_week_in_stages):
    one, other = (f / "r" / GENOMES for f in (first_week, first_week_in_stages))
    assert one.read_text() == other.read_text()
