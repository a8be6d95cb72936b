"""Whose actions change is told from what is stored; what was not stored is never `no change`."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.sheet import IDENTITY_COLUMNS
from epilepsy_pgx.ledger.release import Amendment, release, withdraw
from epilepsy_pgx.model import DrugExposure
from epilepsy_pgx.pipeline.results import write_results
from epilepsy_pgx.recall.again import Remaker
from epilepsy_pgx.recall.corrections import read_corrections
from epilepsy_pgx.recall.outcome import Rank, outcome_of
from epilepsy_pgx.recall.reanalyse import Asked, reanalyse
from epilepsy_pgx.recall.stored import PREDICTED, Stored, Unread, stored_results
from epilepsy_pgx.recall.write import RecallWriter
from epilepsy_pgx.reference.stages import TableStage, stage_digest
from epilepsy_pgx.report.authorise import read_verified
from epilepsy_pgx.report.compare import compare_reports
from tests.command import run, table
from tests.ledger.bench import act, example, ledger, put, since, tables
from tests.recall.bench import adding, changed, dropping, keep, less_function, setting

DAY = "2026-11-23"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


def again(results, ref=None, **more):
    out = results / "recall"
    done = reanalyse(Asked(results, out, DAY, (tables(),), **more), ref or tables())
    rows = {r["sample_id"]: r for r in table(out / "recall.tsv")}
    return done, rows, out


def taking(report, drug):
    entry = replace(report.clinical, current=(DrugExposure(drug, known=True),))
    made = Remaker(tables(), (), DAY).remake(replace(report, clinical=entry)).report
    return replace(made, report_id=report.report_id)


def test_the_page_is_in_its_language(tmp_path, base):
    """The words of a row too, but for what no language changes."""
    carrier = taking(example("EX04"), "phenytoin")
    _, _, out = again(keep(tmp_path, carrier), less_function(base), language="es")
    page = (out / "index.html").read_text(encoding="utf-8").partition("<main>")[2]
    wanted = ("Cambia algo sobre lo que actuar o que considerar: 1", "fenitoína", ">Borrador</a>")
    assert [w for w in wanted if w not in page] == []
    assert [w for w in (">act<", "phenytoin", "changes", ">draft<") if w in page] == []
    writer = RecallWriter(tmp_path / "none", tables(), "es")
    writer.add_unread(Unread("EX99", "why"))
    writer.finish()
    assert "el informe" in (tmp_path / "none/index.html").read_text(encoding="utf-8")


def test_the_same_tables_change_nothing(tmp_path):
    names = ("EX01", "EX04", "EX05", "EX11")
    done, rows, out = again(keep(tmp_path, *map(example, names)))
    assert {r["state"] for r in rows.values()} == {"no change"}
    assert (done.numbers["no change"], done.problems) == (len(names), ())
    assert not (out / "drafts").exists()


def test_a_used_folder_keeps_no_draft_of_the_recall_before(tmp_path, base):
    """`drafts` has who changes now; what an earlier recall made lies aside, others' files stay."""
    ref = less_function(base)
    carrier = taking(example("EX04"), "phenytoin")
    other = replace(carrier, patient=replace(carrier.patient, sample_id="AA"), report_id="R-AA")
    keep(tmp_path, carrier, other)
    _, rows, out = again(tmp_path, ref)
    first = {name: out / row["draft"] for name, row in rows.items()}
    own = first["AA"].with_name("read me.txt")
    own.write_text("mine", encoding="utf-8")
    _, rows, _ = again(tmp_path, ref)
    assert {row["draft"] for row in rows.values()} == {
        str(p.relative_to(out)) for p in first.values()
    }
    assert not (out / "superseded").exists()
    shutil.rmtree(tmp_path / "reports")
    keep(tmp_path, carrier)
    again(tmp_path, ref)
    assert [p.is_file() for p in first.values()] == [name == "EX04" for name in first]
    again(tmp_path)
    assert [p for p in (out / "drafts").rglob("*") if p.is_file()] == [own]
    moved = table(out / "superseded/superseded.tsv")
    files = [p.relative_to(out) for p in first.values()]
    wanted = [str(p.with_suffix(s)) for p in files for s in (".html", ".json")]
    assert sorted(row["was"] for row in moved) == sorted(wanted)


def test_a_function_that_changed_recalls_its_carriers(tmp_path, base):
    """First who takes the drug; with the row that is the reason, and a draft that can be issued."""
    ref = less_function(base)
    carrier = example("EX04")
    patient = replace(carrier.patient, sample_id="AA")
    other = replace(carrier, patient=patient, report_id="R-AA")
    keep(tmp_path, example("EX05"), example("EX08"), other, taking(carrier, "phenytoin"))
    path = put(tmp_path, taking(carrier, "phenytoin"))
    with ledger(tmp_path) as book:
        release(book, path, act(), tables())
        done, rows, out = again(tmp_path, ref)
        states = {name: row["state"] for name, row in rows.items()}
        assert states == {
            "EX04": "changes",
            "AA": "changes",
            "EX08": "not told in full",
            "EX05": "no change",
        }
        assert list(rows) == ["EX04", "AA", "EX08", "EX05"]
        first = rows["EX04"]
        assert (first["taking"], first["report"]) == ("phenytoin", "R-EX04 v1")
        assert first["rows"] == "alleles CYP2C9 *2"
        assert rows["EX08"]["not_told"] == "CYP2C9"
        new = out / first["draft"]
        made = read_verified(new.read_bytes(), "x")
        assert {w.text_id for w in made.warnings} >= {"notice-retold"}
        issued = release(book, new, act(reason="CYP2C9*2"), ref, Amendment("R-EX04 v1"))
        assert "phenytoin" in issued.report.authorisation.changes.drugs
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.index("EX04") < page.index(">AA<") < page.index("EX08")
    said = table(out / "statements.tsv")
    assert {r["sample_id"] for r in said} == {"EX04", "AA"}
    assert done.numbers["changes"] == 2


def test_a_variant_that_is_listed_now_is_open_for_who_was_not_read_there(tmp_path, base):
    """A change of the protein would have been found where the gene was read in full."""
    like = {"variant": "ALDH7A1-1279G>C"}
    add = adding(
        like,
        variant="ALDH7A1-1278G>C",
        grch38_pos="126552060",
        grch38_ref="C",
        grch38_alt="G",
        grch37_pos="125887752",
        grch37_ref="C",
        grch37_alt="G",
        hgvs_c="c.1278G>C",
        hgvs_p="p.Lys426Asn",
    )
    ref = changed(base / "listed", classified_variants=add)
    reports = [example(f"EX{n:02}") for n in (1, 4, 10)]
    _, rows, _ = again(keep(tmp_path, *reports), ref)
    for report in reports:
        read = next(c for c in report.coverage if c.gene == "ALDH7A1")
        row = rows[report.patient.sample_id]
        assert ("ALDH7A1 ALDH7A1-1278G>C" in row["not_told"]) == (read.status != "complete")
        assert (row["state"] == "no change") == (read.status == "complete")


def test_a_class_that_changed_recalls_who_carries_the_variant(tmp_path, base):
    """Unless the laboratory has a class of its own; one that was read with others is not told."""
    report = example("EX01")
    (finding,) = (f for f in report.findings if f.curated_id)
    copies = tuple(r for r in finding.classifications if not r.act)
    assert len(copies) == 1

    def stored(name, **more):
        notes = ("note-class-not-own",)
        mine = replace(finding, classifications=copies, notes=notes, **more)
        patient = replace(report.patient, sample_id=name)
        others = tuple(f for f in report.findings if f is not finding)
        changed_report = replace(report, patient=patient, findings=(mine, *others))
        return Remaker(tables(), (), DAY).remake(changed_report).report

    edit = setting({"variant": finding.curated_id}, classification="benign")
    ref = changed(base / "class", classified_variants=edit)
    joint = stored("JOINT", consequences=("frameshift_variant",))
    keep(tmp_path, report, stored("COPY"), joint, example("EX05"))
    _, rows, _ = again(tmp_path, ref)
    assert {name: row["state"] for name, row in rows.items()} == {
        "COPY": "changes",
        "JOINT": "not told in full",
        "EX01": "no change",
        "EX05": "no change",
    }
    assert f"classified_variants {finding.curated_id}" in rows["COPY"]["rows"]


def test_nobody_is_told_anything_by_tables_that_are_not_there(tmp_path):
    made = replace(example().provenance, reference_digest="sha256:" + "0" * 64)
    stopped = replace(
        example("EX04"), not_reportable=example("EX04").limits[:1], status="not reportable"
    )
    keep(tmp_path, replace(example(), provenance=made), stopped)
    broken = keep(tmp_path, example("EX01")) / "reports"
    (path,) = broken.glob("*/EX01/EX01.json")
    path.write_text(path.read_text(encoding="utf-8").replace("en", "es", 1), encoding="utf-8")
    (tmp_path / "cohort").mkdir()
    (tmp_path / "cohort/cohort.tsv").write_text("sample_id\nEX05\nGONE\n", encoding="utf-8")
    done, rows, out = again(tmp_path)
    assert {r["state"] for r in rows.values()} == {"not told"}
    assert set(rows) == {"EX01", "EX04", "EX05", "GONE"}
    why = {r["sample_id"]: r["why"] for r in table(out / "not_told.tsv")}
    assert "are not given" in why["EX05"]
    assert "not reportable" in why["EX04"]
    assert "stored" in why["GONE"]
    assert done.numbers["not told"] == 4


@pytest.mark.parametrize(
    ("made", "state"),
    [
        ("released", "not told"),
        ("older", "not told"),
        ("beside", "no change"),
        ("later", "no change"),
    ],
)
def test_what_was_withdrawn_is_not_told_as_a_draft(made, state, tmp_path):
    """Only a draft that was made since its release is."""
    draft = example()
    with ledger(tmp_path) as book:
        release(book, put(tmp_path, draft), act(), tables())
        withdraw(book, "R-EX05 v1", act(reason="wrong specimen"), tables())
        draft = since(book, draft) if made == "beside" else draft
    day = {"older": "2026-11-19", "later": "2026-11-24"}.get(made, draft.provenance.created)
    keep(tmp_path, replace(draft, provenance=replace(draft.provenance, created=day)))
    _, rows, out = again(tmp_path)
    assert rows["EX05"]["state"] == state
    if state == "not told":
        (row,) = table(out / "not_told.tsv")
        assert row["why"] == "R-EX05 v1 was withdrawn, and nothing was made since"


def predicted(results, *reports):
    """Write what the workflow keeps of a batch."""
    made = stage_digest(tables(), TableStage.PREDICT)
    place = results / PREDICTED
    place.mkdir()
    raw = [replace(r, provenance=replace(r.provenance, reference_digest=made)) for r in reports]
    write_results(raw, place / "b.jsonl.gz", place / "b.problems.tsv")


def identified(results, **findings):
    rows = [f"{sample}\t80\t{finding}\n" for sample, finding in findings.items()]
    (results / "cohort").mkdir(exist_ok=True)
    text = "sample_id\tpositions\tfinding\n" + "".join(rows)
    (results / "cohort/identity.tsv").write_text(text)


def test_the_folder_of_predictions_is_that_of_the_workflow():
    rules = (ROOT / "workflow/rules/calls.smk").read_text(encoding="utf-8")
    assert f"results/{PREDICTED}/{{batch}}.jsonl.gz" in rules


@pytest.mark.parametrize(
    ("findings", "refs", "found"),
    [
        ({"EX04": "passed", "EX05": "passed"}, 1, {"EX04": True, "EX05": True}),
        ({"EX05": "passed"}, 1, {"EX04": True, "EX05": True}),
        ({"EX05": "failed"}, 1, {"EX04": True, "EX05": True}),
        ({"EX05": "passed"}, 0, {"EX04": True, "EX05": False}),
        ({"EX04": "passed"}, 1, {"EX04": True, "EX05": False}),
        ({}, 1, {"EX04": True, "EX05": False}),
    ],
)
def test_a_prediction_is_told_where_no_draft_is_and_all_were_compared(
    findings, refs, found, tmp_path
):
    """A draft knows the comparison of genomes, a prediction does not."""
    predicted(tmp_path, example(), example("EX04"))
    keep(tmp_path, replace(example("EX04"), report_id="R-DRAFT"))
    identified(tmp_path, **findings)
    stored = {s.sample: s for s in stored_results(tmp_path, (tables(),) * refs)}
    assert {name: isinstance(s, Stored) for name, s in stored.items()} == found
    assert stored["EX04"].report.report_id == "R-DRAFT"
    if found["EX05"]:
        report = stored["EX05"].report
        assert report.provenance.reference_digest == tables().digest
        assert bool(report.not_reportable) == (findings["EX05"] == "failed")
        _, rows, _ = again(tmp_path)
        assert rows["EX05"]["state"] == (
            "not told" if findings["EX05"] == "failed" else "no change"
        )


def test_a_folder_without_results_is_a_mistake(tmp_path):
    with pytest.raises(InputError, match="no stored result"):
        again(tmp_path)


def sheet(folder, *rows, columns="sample_id\tsex\tcurrent_drugs\thla"):
    path = folder / "corrected.tsv"
    path.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_corrected_typing_recalls_the_patient(tmp_path):
    sex = example().clinical.sex
    (tmp_path / "hla.tsv").write_text(
        "sample_id\tgene\tallele_1\tallele_2\tmethod\tlaboratory\tdate\n"
        "EX05\tHLA-B\t07:02\t40:01\tclinical\tLab\t2026-01-02\n",
        encoding="utf-8",
    )
    drugs = ",".join(d.drug for d in example().clinical.current or ()) or "."
    keep(tmp_path, example(), example("EX04"))
    path = sheet(tmp_path, f"EX05\t{sex}\t{drugs}\thla.tsv")
    _, rows, out = again(tmp_path, sheet=path)
    assert list(rows) == ["EX05"]
    assert rows["EX05"]["state"] == "changes"
    assert "carbamazepine" in rows["EX05"]["drugs"]
    assert (out / rows["EX05"]["draft"]).is_file()


PERSON = {"name": "Cora Coe", "birth_date": "1978-12-24", "record_number": "MRN-1"}
PERSON |= {"accession": "A-1", "specimen": "blood", "collected": "2026-11-01"}
PERSON |= {"received": "2026-11-02", "requester": "Dr Q"}


@pytest.fixture(scope="module")
def typed_carrier(tmp_path_factory):
    """Return a patient with HLA-B*15:02 from a laboratory, who takes carbamazepine."""
    folder = tmp_path_factory.mktemp("typed")
    (folder / "hla.tsv").write_text(
        "sample_id\tgene\tallele_1\tallele_2\tmethod\tlaboratory\tdate\n"
        "EX05\tHLA-B\t15:02\t40:01\tclinical\tLab\t2026-01-02\n",
        encoding="utf-8",
    )
    path = sheet(folder, "EX05\tcarbamazepine\thla.tsv", columns="sample_id\tcurrent_drugs\thla")
    plain = example()
    plain = replace(plain, patient=replace(plain.patient, **PERSON))
    made = Remaker(tables(), (), DAY, read_corrections(path, tables(), DAY)).remake(plain)
    return replace(made.report, report_id="R-EX05")


@pytest.mark.parametrize(
    ("columns", "cells", "stays", "removed"),
    [
        ("pregnant", ".", True, ()),
        ("weight_kg", "70", True, ()),
        ("outside_calls\tclassifications", ".\t.", True, ()),
        ("hla", ".", False, ("HLA-B",)),
        ("hla\toutside_calls", ".\t.", False, ("HLA-B",)),
        ("current_drugs", ".", True, ("current_drugs",)),
        ("name\trecord_number", "Cora Coe\tMRN-1", True, ()),
    ],
)
def test_only_what_a_sheet_speaks_of_changes(
    columns, cells, stays, removed, typed_carrier, tmp_path
):
    """A column that is not there takes nothing away; an empty cell does, and is named."""
    report = typed_carrier
    assert any("HLA-B" in r.subject.names for s in _urgent(report) for r in s.reasons)
    keep(tmp_path, report)
    path = sheet(tmp_path, f"EX05\t{cells}", columns=f"sample_id\t{columns}")
    corrections = read_corrections(path, tables(), DAY)
    made = Remaker(tables(), (), DAY, corrections).remake(report)
    hla = next(g for g in made.report.genes if g.gene == "HLA-B")
    assert (hla.alleles_present == ("*15:02",)) == stays
    assert made.removed == removed
    assert made.report.patient == report.patient
    said = [w.text_id for w in made.report.warnings]
    assert ("notice-retold-removed" in said) == bool(removed)
    outcome = outcome_of(report, "", made, Remaker(tables(), (), DAY).changes(report))
    rows = {row for d in outcome.differences for row in d.rows}
    assert outcome.rank is not Rank.LESS
    assert {f"removed {subject}" for subject in removed} <= rows
    if not removed:
        kept = {s.statement_id for s in _urgent(report)}
        assert kept <= {s.statement_id for s in _urgent(made.report)}


@pytest.mark.parametrize("cell", [".\t.\tnothing.tsv", "unread\t.\t.", ".\t.\tbad.json"])
def test_whose_row_cannot_be_used_is_not_told(cell, tmp_path):
    """A list of a recall has every patient that is stored."""
    keep(tmp_path, example(), example("EX04"))
    path = sheet(tmp_path, f"EX05\t{cell}", "EX04\t.\t.\t.")
    done, rows, out = again(tmp_path, sheet=path)
    assert done.problems
    assert (done.numbers["not told"], rows.keys()) == (1, {"EX05", "EX04"})
    row = next(r for r in table(out / "not_told.tsv") if r["sample_id"] == "EX05")
    assert (row["sample_id"], "cannot be used" in row["why"]) == ("EX05", True)


def _urgent(report):
    return report.interpretation.urgent


@pytest.mark.parametrize("column", IDENTITY_COLUMNS)
@pytest.mark.parametrize("cell", ["1999-09-09", "."])
def test_a_corrected_sheet_never_says_who_somebody_is(column, cell, typed_carrier, tmp_path):
    report = typed_carrier
    path = sheet(tmp_path, f"EX05\t{cell}", columns=f"sample_id\t{column}")
    remaker = Remaker(tables(), (), DAY, read_corrections(path, tables(), DAY))
    with pytest.raises(InputError, match="sheet-identity") as found:
        remaker.remake(report)
    assert [p.column for p in found.value.problems] == [column]
    assert cell not in str(found.value).split("sheet-identity")[1] or cell == "."


def test_a_corrected_sex_leaves_open_what_the_file_says_of_it(tmp_path):
    keep(tmp_path, example())
    path = sheet(tmp_path, "EX05\tfemale\t.\t.")
    other = {"female": "male"}.get(str(example().clinical.sex), "female")
    path.write_text(path.read_text().replace("female", other), encoding="utf-8")
    _, rows, _ = again(tmp_path, sheet=path)
    assert "sex" in rows["EX05"]["not_told"].split("|")


def test_a_sheet_that_names_somebody_else_is_a_mistake(tmp_path):
    keep(tmp_path, example())
    with pytest.raises(InputError, match="EX99, of whom no result is stored"):
        again(tmp_path, sheet=sheet(tmp_path, "EX05\t.\t.\t.", "EX99\t.\t.\t."))


def test_the_command_says_how_many(tmp_path):
    keep(tmp_path, example())
    done = run("reanalyse", tmp_path, "--out", tmp_path / "out", "--date", DAY)
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "out/recall.tsv"))
    assert "1: no change" in done.stderr
    done = run("reanalyse", tmp_path, "--out", tmp_path)
    assert (done.returncode, "another folder" in done.stderr) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "edits",
    [
        {
            "alleles": setting(
                {"gene": "CYP2C9", "allele": "*2"}, function="No function", activity_value="0.0"
            )
        },
        {"alleles": setting({"gene": "CYP2C19", "allele": "*2"}, function="Normal function")},
        {
            "drug_rules": dropping(rule_id="cyp2c19-clobazam-pm"),
            "drug_rule_conditions": dropping(rule_id="cyp2c19-clobazam-pm"),
        },
        {
            "drug_rules": setting(
                {"rule_id": "cyp2c19-clobazam-pm"}, tier="consider", response="use with caution"
            )
        },
        {
            "phenotypes": setting(
                {
                    "gene": "CYP2C9",
                    "function_1": "Decreased function",
                    "function_2": "Normal function",
                },
                phenotype="Poor Metabolizer",
            )
        },
    ],
)
def test_what_is_told_is_what_a_new_run_says(root, tmp_path, edits):
    """The files, read again with the new tables, say of each patient what was told without them."""
    ref = changed(tmp_path / "tables", **edits)
    results, fresh = tmp_path / "results", tmp_path / "fresh"
    words = (
        "run",
        "--vcf",
        root / "examples/vcf/clinic.GRCh38.vcf.gz",
        "--build",
        "GRCh38",
        "--samples",
        root / "examples/samples.tsv",
        "--date",
        DAY,
        "--formats",
        "json",
    )
    run(*words, "--out", results)
    run(*words, "--out", fresh, "--reference", ref.path)
    before = {s.sample: s.report for s in stored_results(results)}
    after = {s.sample: s.report for s in stored_results(fresh)}
    assert len(before) > 4
    assert before.keys() == after.keys()
    _, rows, _ = again(results, ref)
    remaker = Remaker(ref, (tables(),), DAY)
    for sample, report in before.items():
        made = remaker.remake(report)
        assert made.open == (), sample
        assert compare_reports(made.report, after[sample]).number == 0, sample
        differ = compare_reports(report, after[sample]).number
        assert (rows[sample]["state"] in ("changes", "context")) == (differ > 0), sample
