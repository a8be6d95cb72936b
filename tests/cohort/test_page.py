"""The page over all patients: counts are those of the tables, problems show, text stays text."""

import re
from dataclasses import replace

import pytest

from epilepsy_pgx.cohort.page import ATTENTION, write_cohort_page
from epilepsy_pgx.cohort.summary import CohortTables, is_chosen
from epilepsy_pgx.quality.sites import COLUMNS, SiteTally
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import SiteAllele
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
    titles = re.findall(r"<title>carbamazepine: (.*?)</title>", page)
    assert len(titles) == 1
    assert sum(int(n) for n in re.findall(r" (\d+)(?:,|$)", titles[0])) == len(reports)


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


@pytest.mark.parametrize("count", [0, 1])
def test_small_cohorts_have_a_page(tmp_path, count):
    assert "</html>" in page_of(tmp_path, list(example_reports().values())[:count])


def copies(report, count):
    return (
        replace(report, patient=replace(report.patient, sample_id=f"S{n:05d}"))
        for n in range(count)
    )


def test_page_does_not_grow_with_the_cohort(tmp_path):
    report = example_reports()["EX05"]
    calm = replace(report, interpretation=replace(report.interpretation, urgent=()))
    page = page_of(tmp_path, copies(calm, ATTENTION + 50))
    assert "And 50 more, in cohort.tsv." in page
    assert len(page) < 150_000


def test_every_urgent_patient_is_named_in_the_open(tmp_path):
    page = page_of(tmp_path, copies(example_reports()["EX05"], ATTENTION + 50))
    opened = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
    assert len(re.findall(r"<a href=", opened)) == ATTENTION + 50


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
