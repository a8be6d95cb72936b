"""The page over all patients: counts are those of the tables, problems show, text stays text."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from epilepsy_pgx.cohort.page import write_cohort_page
from epilepsy_pgx.cohort.patients import LISTED, patient_table
from epilepsy_pgx.cohort.summary import COHORT_COLUMNS, CohortTables, is_chosen
from epilepsy_pgx.quality.sites import COLUMNS, SiteTally
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import SiteAllele
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Message
from tests.report.examples import example_reports

PROBLEMS = "sample_id\tcheck\tfile\tline\tcolumn\tfound\texpected\tfix\n"


def page_of(tmp_path, reports, problems=""):
    ref = load_reference()
    tables = CohortTables(tmp_path, ref)
    for report in reports:
        tables.add(report)
    tables.close()
    (tmp_path / "problems.tsv").write_text(PROBLEMS + problems, encoding="utf-8")
    (tmp_path / "sites.tsv").write_text("".join(SiteTally().lines()), encoding="utf-8")
    return write_cohort_page(tmp_path, ref).read_text(encoding="utf-8")


def test_every_drug_counts_every_patient_once(tmp_path):
    reports = list(example_reports().values())
    page = page_of(tmp_path, reports)
    told = re.findall(
        r'<tr class="barred"><th scope="row">carbamazepine</th><td>(.*?)<div class="bar"', page
    )
    assert len(told) == 1
    assert sum(int(n) for n in re.findall(r" (\d+)(?:,|$)", told[0])) == len(reports)


def test_urgent_patient_comes_first_and_is_linked(tmp_path):
    page = page_of(tmp_path, example_reports().values())
    first = re.search(r'<a href="(.*?)">(.*?)</a>', page)
    assert first
    assert first[2] == "EX05"
    assert re.fullmatch(r"\.\./reports/[0-9a-f]{2}/EX05/EX05\.html", first[1])


def test_problem_is_shown_as_text(tmp_path):
    page = page_of(tmp_path, [], "S1\tcut-file\t<b>x</b>.vcf\t0\t.\thalf a file\twhole\tCopy it.\n")
    assert "half a file" in page
    assert "&lt;b&gt;x&lt;/b&gt;.vcf" in page
    assert "<b>" not in page


def test_a_narrow_screen_has_a_card_for_each_problem(tmp_path):
    """File names would break letter by letter in columns; each cell says what it is."""
    page = page_of(tmp_path, [], "S1\tcut-file\tx.vcf\t0\t.\thalf a file\twhole\tCopy it.\n")
    assert '<table id="problems"><thead>' in page
    narrow = page[page.index("#problems thead{display:none}") :]
    for number, label in enumerate(("Check", "File", "Found", "What to do"), 1):
        assert f'#problems td:nth-of-type({number})::before{{content:"{label}: "}}' in narrow


@pytest.mark.parametrize("count", [0, 1])
def test_small_cohorts_have_a_page(tmp_path, count):
    assert "</html>" in page_of(tmp_path, list(example_reports().values())[:count])


def copies(report, count):
    return (
        replace(report, patient=replace(report.patient, sample_id=f"S{n:05d}"))
        for n in range(count)
    )


def row_of_table(number, urgent):
    cells = dict.fromkeys(COHORT_COLUMNS, "0")
    cells |= {
        "sample_id": f"S{number:05d}",
        "urgent": urgent,
        "status": "draft",
        "act": "6",
        "avoid": "carbamazepine|fosphenytoin|lamotrigine|oxcarbazepine|phenytoin|topiramate",
        "current_drugs": "carbamazepine|clobazam",
        "current_drugs_to_review": "carbamazepine",
        "monogenic": "SCN1A",
        "failed_checks": ".",
        "report": f"reports/ab/S{number:05d}",
    }
    return cells


@pytest.mark.parametrize(("urgent", "named"), [("0", LISTED), ("1", LISTED + 50)])
def test_page_lists_many_patients_and_everybody_who_is_urgent(urgent, named):
    patients = [row_of_table(n, urgent) for n in range(LISTED + 50)]
    table = patient_table(patients, ReportWords(Wording(load_reference())))
    assert table.count('<th scope="row">') == named
    assert ("And 50 more, in cohort.tsv." in table) is (named == LISTED)
    assert len(table) < 1_800_000


def test_all_current_drugs_stand_in_a_row(tmp_path):
    page = page_of(tmp_path, example_reports().values())
    row = re.search(r'<a href="[^"]*EX04.html">EX04</a>(.*?)</tr>', page)[1]
    assert "<td>clobazam, cannabidiol</td>" in row


def test_only_the_script_of_the_page_may_run(tmp_path):
    page = page_of(tmp_path, example_reports().values())
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == page.count("<script") == 1
    digest = b64encode(sha256(scripts[0].encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1]
    # Without it the table is whole, and no control stands there that would do nothing.
    assert 'id="controls" hidden' in page


def test_phenotypes_say_how_many_patients_have_none(tmp_path):
    reports = list(example_reports().values())
    page = page_of(tmp_path, reports)
    line = re.search(r"<tr><th scope=\"row\">CYP2C9</th>(.*?)</tr>", page)[1]
    *_, having, lacking = re.findall(r"<td>(.*?)</td>", line)
    assert int(having) + int(lacking) == len(reports)


def test_page_is_the_same_letter_by_letter(tmp_path):
    reports = example_reports().values()
    assert page_of(tmp_path / "a", reports) == page_of(tmp_path / "b", reports)


def test_positions_show_what_was_read_and_carried_beside_the_published_frequency(tmp_path):
    (tmp_path / "one").mkdir()
    page_of(tmp_path / "one", example_reports().values())
    table = (
        "\t".join(COLUMNS)
        + "\n"
        + "rs1057910\tCYP2C9\t10\t8\t1\t1\tA:12|C:4\n"
        + "rs1799853\tCYP2C9\t10\t0\t0\t10\t.\n"
    )
    (tmp_path / "one/sites.tsv").write_text(table, encoding="utf-8")
    page = write_cohort_page(tmp_path / "one", load_reference()).read_text(encoding="utf-8")
    line = re.search(r"<tr><th scope=\"row\">rs1057910</th>(.*?)</tr>", page)[1]
    cells = re.findall(r"<td>(.*?)</td>", line)
    assert cells[:4] == ["80.0 %", "10.0 %", "10.0 %", "C 25.0 %"]
    frequency = next(
        r.frequency
        for r in load_reference().rows(SiteAllele)
        if (r.site, r.allele) == ("rs1057910", "C")
    )
    assert cells[4].startswith(f"C {100 * float(frequency):.1f} % [")
    empty = re.search(r"<tr><th scope=\"row\">rs1799853</th>(.*?)</tr>", page)[1]
    assert re.findall(r"<td>(.*?)</td>", empty)[3:] == ["", ""]
    assert "40.0 % of genotypes" in page


def test_only_reports_that_were_written_are_linked(tmp_path):
    ref = load_reference()
    tables = CohortTables(tmp_path, ref, chosen="none")
    for report in example_reports().values():
        tables.add(report)
    tables.close()
    (tmp_path / "problems.tsv").write_text(PROBLEMS, encoding="utf-8")
    (tmp_path / "sites.tsv").write_text("".join(SiteTally().lines()), encoding="utf-8")
    page = write_cohort_page(tmp_path, ref).read_text(encoding="utf-8")
    assert "EX05" in page
    assert "<a href" not in page


def test_findings_choose_patients_with_something_to_do():
    chosen = {n for n, r in example_reports().items() if is_chosen(r, "findings")}
    assert {"EX01", "EX02", "EX05"} <= chosen
    assert {n for n, r in example_reports().items() if is_chosen(r, "all")} == {*example_reports()}
    assert not any(is_chosen(r, "none") for r in example_reports().values())
    quiet = example_reports()["EX07"]
    nothing = replace(
        quiet, interpretation=replace(quiet.interpretation, drugs=(), urgent=(), monogenic=())
    )
    assert not is_chosen(nothing, "findings")
    assert is_chosen(replace(nothing, not_reportable=(Message("quality-sex-failed"),)), "findings")
