"""What is kept of a patient without a report names the patient and hides names of a file."""

from dataclasses import replace

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.pipeline.failures import PROBLEM_COLUMNS, Failure, failure_lines, problem_lines

PROBLEM = Problem("a.vcf", 7, "POS", "vcf-text", "a\ttab", "a number", "Correct it.")


def test_the_table_has_one_line_for_each_problem() -> None:
    other = replace(PROBLEM, line=8)
    lines = problem_lines(Failure("P1", (PROBLEM, other, PROBLEM)))
    assert len(lines) == 2
    cells = lines[0].rstrip("\n").split("\t")
    row = dict(zip(PROBLEM_COLUMNS, cells, strict=True))
    assert (row["sample_id"], row["check"], row["line"]) == ("P1", "vcf-text", "7")


def test_ids_are_printed_only_if_a_sheet_gave_them() -> None:
    failures = [Failure("P1", (PROBLEM,))]
    assert failure_lines(failures, named=True)[0].startswith("P1: ")
    assert not any("P1" in line for line in failure_lines(failures, named=False))


def test_a_failure_of_no_patient_has_no_id_before_it() -> None:
    assert failure_lines([Failure(".", (PROBLEM,))], named=True) == [str(PROBLEM)]
