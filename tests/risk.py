"""The risk file: hazards with their controls, and what became of the tests that hold them.

    python -m tests.risk            # run the tests of every hazard, print what fails
    python -m tests.risk --write    # and write docs/risk.tsv
    python -m tests.risk --write inv-01 a-03     # those alone; the others keep their last result

`docs/hazards.tsv` is edited by hand; `docs/risk.tsv` is it with the last result of the tests.
"""

import argparse
import ast
import subprocess
import sys
from collections import defaultdict
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.tsv import line, read_table
from epilepsy_pgx.validation.refusals import LIMITS
from epilepsy_pgx.validation.robustness import FORMS
from tests.syntax import nodes

ROOT = Path(__file__).resolve().parents[1]
HAZARDS, RISK = ROOT / "docs/hazards.tsv", ROOT / "docs/risk.tsv"
COLUMNS = ("hazard_id", "source", "hazard", "cause", "control", "rules", "tests")
RESULTS = (*COLUMNS, "last_result", "date", "commit")
TABLES = {
    "drug_rules": "rule_id",
    "clinical_context": "context_id",
    "drug_safety": "fact_id",
    "drug_interactions": "interaction_id",
    "gene_therapy": "therapy_id",
}
NONE = "."


def hazards() -> list[dict[str, str]]:
    """Return the hazards as they are curated."""
    return list(read_table(HAZARDS, COLUMNS))


def tests_of(row: dict[str, str]) -> list[str]:
    """Return the tests that hold a hazard."""
    return [t for t in row["tests"].split("|") if t not in ("", NONE)]


@cache
def functions(file: str) -> frozenset[str]:
    """Return the tests of a file; none if there is no such file."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    found = nodes(path)
    return frozenset(n.name for n in found if isinstance(n, ast.FunctionDef))


def rule_ids() -> set[str]:
    """Return the ids of every row that speaks, and of the checks of the validation."""
    ref = load_reference(ROOT / "reference")
    rows = {str(row[key]) for table, key in TABLES.items() for row in ref.table(table)}
    genes = {str(row["gene"]) for row in ref.table("genes")}
    checks = {f"limit-{n}" for n in LIMITS} | {f"robustness-{n}" for n in FORMS}
    checks |= {f"range-{gene}" for gene in genes}
    return rows | checks | {"repeat", "known-answers", "bridge-results", "bridge-statements"}


def faults(rows: list[dict[str, str]]) -> list[str]:
    """Return what a hazard lacks, and what it names that is not there."""
    known = rule_ids()
    said = []
    for row in rows:
        name = row["hazard_id"]
        said += [f"{name} has no {c}" for c in COLUMNS if c != "rules" and row[c] in ("", NONE)]
        for test in tests_of(row):
            file, _, function = test.partition("::")
            if function not in functions(file):
                said.append(f"{name}: there is no test {test}")
        for rule in row["rules"].split("|"):
            if rule != NONE and not any(fnmatchcase(k, rule) for k in known):
                said.append(f"{name}: there is no rule or check {rule}")
    return said


class Outcomes:
    """A plugin of pytest that keeps what became of each test function."""

    def __init__(self) -> None:
        self.by_test: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome of a test, or of its set-up if that did not pass."""
        if report.when == "call" or report.outcome != "passed":
            self.by_test[report.nodeid.partition("[")[0]].add(report.outcome)

    def of(self, tests: list[str]) -> str:
        """Return one word for several tests: the worst of them."""
        found = [self.by_test.get(t, {"not run"}) for t in tests]
        for word in ("failed", "not run"):
            if any(word in outcomes for outcomes in found):
                return word
        return "skipped" if all(o == {"skipped"} for o in found) else "passed"


def run(rows: list[dict[str, str]]) -> Outcomes:
    """Run the tests of all hazards once."""
    outcomes = Outcomes()
    wanted = sorted({t for row in rows for t in tests_of(row)})
    pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", *wanted], plugins=[outcomes])
    return outcomes


def commit() -> str:
    """Return the commit that is checked out, with a mark where files differ from it."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def write(rows: list[dict[str, str]], found: dict[str, tuple[str, ...]]) -> None:
    """Write the risk file; hazards that were not tried keep their last result."""
    old = {}
    if RISK.is_file():
        old = {r["hazard_id"]: tuple(r[c] for c in RESULTS[-3:]) for r in read_table(RISK, RESULTS)}
    unknown = ("not run", NONE, NONE)
    lines = [RESULTS]
    for row in rows:
        name = row["hazard_id"]
        last = found.get(name, old.get(name, unknown))
        lines.append((*(row[c] for c in COLUMNS), *last))
    RISK.write_text("".join(line(cells) for cells in lines), encoding="utf-8")


def main() -> int:
    """Run the command; the exit code is 1 if a hazard is not held."""
    parser = argparse.ArgumentParser(prog="python -m tests.risk", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="HAZARD", help="default: all")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = hazards()
    if wrong := faults(rows):
        print("\n".join(wrong))
        return 1
    chosen = [r for r in rows if not given.only or r["hazard_id"] in given.only]
    made_at = commit()
    outcomes = run(chosen)
    when = (date.today().isoformat(), made_at)
    found = {r["hazard_id"]: (outcomes.of(tests_of(r)), *when) for r in chosen}
    if commit() != made_at:
        print("The files changed while their tests ran: nothing is written.")
        return 1
    if given.write:
        write(rows, found)
    bad = [name for name, (result, *_) in found.items() if result != "passed"]
    print(f"{len(found)} hazards, {len(found) - len(bad)} held", *bad)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
