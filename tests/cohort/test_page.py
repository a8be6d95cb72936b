"""The page over all patients: counts are those of the tables, problems show, text stays text."""

import re
from dataclasses import replace

import pytest

from epilepsy_pgx.cohort.page import ATTENTION, write_cohort_page
from epilepsy_pgx.cohort.summary import CohortTables
from epilepsy_pgx.reference.package import load_reference
from tests.report.examples import example_reports

PROBLEMS = "sample_id\tcheck\tfile\tline\tcolumn\tfound\texpected\tfix\n"


def page_of(tmp_path, reports, problems=""):
    ref = load_reference()
    tables = CohortTables(tmp_path, ref)
    for report in reports:
        tables.add(report)
    tables.close()
    (tmp_path / "problems.tsv").write_text(PROBLEMS + problems, encoding="utf-8")
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


def test_page_does_not_grow_with_the_cohort(tmp_path):
    report = example_reports()["EX05"]
    many = (replace(report, patient=replace(report.patient, sample_id=f"S{n:05d}"))
            for n in range(ATTENTION + 50))
    page = page_of(tmp_path, many)
    assert "And 50 more, in cohort.tsv." in page
    assert len(page) < 150_000


def test_page_is_the_same_letter_by_letter(tmp_path):
    reports = example_reports().values()
    assert page_of(tmp_path / "a", reports) == page_of(tmp_path / "b", reports)
