"""An overlay is checked like the tables, and its guide holds."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import TableError
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference import overlay_check
from epilepsy_pgx.reference.check import open_package
from epilepsy_pgx.reference.checks.changes import check_days
from epilepsy_pgx.reference.history import compare_tables, read_snapshot
from epilepsy_pgx.reference.overlay_check import (
    check_overlay,
    open_checked,
    open_reference,
    touched,
)
from tests.reference.overlays import BASE, own_rule, reason, shipped, write_overlay
from tests.response.builders import case
from tests.said import SpeakingEngine

BLOCK = re.compile(r"^```(overlay|refused|says|error) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GUIDE = Path(__file__).resolve().parents[2] / "docs/overlay.md"
KEY = "clinical-short-qt-rufinamide"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """Return the overlay of the guide's example."""
    for verb, table, body in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if verb == "overlay":
            (tmp_path / f"{table}.tsv").write_text(body, encoding="utf-8")
    return tmp_path


def told(verb: str) -> list[tuple[str, str]]:
    blocks = BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    return [(table, body) for v, table, body in blocks if v == verb]


def test_the_guide_shows_an_overlay_that_is_sound(example: Path) -> None:
    done = CliRunner().invoke(reference, ["check", "--overlay", str(example)])
    assert (done.exit_code, done.output) == (0, "no problem found.\n")


def test_the_guide_shows_what_a_patient_reads(example: Path) -> None:
    engine = SpeakingEngine(open_reference(BASE, example))
    entry = ClinicalEntry(syndromes=("lennox_gastaut",), age_years=Decimal(30))
    patient = case(clinical=entry)
    found = engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)
    said = " ".join(s.text for d in found.drugs for s in d.statements)
    ((_, wanted),) = told("says")
    for line in wanted.splitlines():
        assert line in said


def test_the_guide_shows_what_is_refused(example: Path) -> None:
    ((table, body),), ((_, wanted),) = told("refused"), told("error")
    (example / f"{table}.tsv").write_text(body, encoding="utf-8")
    with pytest.raises(TableError, match=re.escape(wanted.strip())):
        open_reference(BASE, example)


@pytest.mark.parametrize(
    ("name", "text", "check"),
    [
        ("drug_rules", "rule_id\tdrug\n", "header"),
        ("formulary", "drug\tavailable\tnote\nclobazam\n", "cell-count"),
        ("formulary", "drug\tavailable\tnote\nclobazam\tperhaps\t.\n", "value-vocabulary"),
        ("formulary", "drug\tavailable\tnote\nclobazam\tno\t.\nclobazam\tno\t.\n", "primary-key"),
        ("formulary", "drug\tavailable\tnote\nclobazam\tno\t.", "file-text"),
        ("alleles", "gene\tallele\n", "overlay-table"),
        ("notes", "a\tb\n", "overlay-table"),
    ],
)
def test_form_is_checked_in_the_files_of_the_overlay(
    name: str, text: str, check: str, tmp_path: Path
) -> None:
    (tmp_path / f"{name}.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as raised:
        open_reference(BASE, tmp_path)
    assert check in {p.check for p in raised.value.problems}
    assert {p.file for p in raised.value.problems} == {f"{tmp_path}/{name}.tsv"}


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="overlay-exists"):
        open_reference(BASE, tmp_path / "none")


@pytest.mark.parametrize(
    ("key", "change", "rows"),
    [("no-such-rule", "remove", []), (KEY, "replace", []), (KEY, "remove", [KEY])],
)
def test_a_reason_names_a_row_of_ours(
    key: str, change: str, rows: list[str], tmp_path: Path
) -> None:
    own = {"drug_rules": [shipped("drug_rules", k) for k in rows]} if rows else {}
    folder = write_overlay(tmp_path, {**own, "OVERRIDES": [reason("drug_rules", key, change)]})
    with pytest.raises(TableError, match="overlay-key"):
        open_reference(BASE, folder)


@pytest.mark.slow
def test_the_meaning_of_own_rows_is_checked_with_ours(tmp_path: Path) -> None:
    folder = write_overlay(
        tmp_path,
        {
            "drug_rules": [own_rule(drug="no-such-drug", text_id="no-such-text")],
            "formulary": [{"drug": "no-such-drug", "available": "no"}],
        },
    )
    problems = check_overlay(folder, BASE)
    assert {p.file for p in problems} == {f"{folder}/drug_rules.tsv", f"{folder}/formulary.tsv"}
    assert {p.line for p in problems} == {2}
    assert {"text-exists", "foreign-key"} <= {p.check for p in problems}


def test_an_update_says_what_it_does_to_an_overlay(tmp_path: Path) -> None:
    folder = write_overlay(
        tmp_path / "own",
        {
            "drug_rules": [shipped("drug_rules", KEY) | {"tier": "consider"}],
            "OVERRIDES": [
                reason("drug_rules", KEY, "replace"),
                reason("drug_rules", "clinical-lgs-not-used", "remove"),
            ],
        },
    )
    before = read_snapshot(BASE, "before")
    package, _ = open_package(BASE)
    rules = package.tables["drug_rules"]
    gone = {r.line for r in rules if r["rule_id"] == "clinical-lgs-not-used"}
    cells = tuple(
        tuple("other" if (c, cells[0]) == ("heart", KEY) else c for c in cells)
        for cells in rules.cells
    )
    after = {
        **package.tables,
        "drug_rules": type(rules)(
            "drug_rules", rules.path, rules.columns, cells, rules.lines
        ).without(gone),
    }
    said = touched(folder, BASE, [*compare_tables(before, after, package.schemas)])
    assert sorted(said) == [
        f"{folder}/OVERRIDES.tsv:2: the shipped row 'clinical-lgs-not-used' of drug_rules is gone",
        f"{folder}/OVERRIDES.tsv:3: the shipped row '{KEY}' of drug_rules has changed (effect)",
        f"{folder}/drug_rules.tsv:2: the shipped row '{KEY}' of drug_rules has changed (effect)",
    ]


def test_diff_takes_an_overlay(example: Path) -> None:
    done = CliRunner().invoke(reference, ["diff", str(BASE), str(BASE), "--overlay", str(example)])
    assert done.exit_code == 0
    assert "Rows of the overlay that this touches:\n  none\n" in done.output


def test_a_day_to_come_is_no_day_of_a_reason(tmp_path: Path) -> None:
    row = reason("drug_rules", KEY, "remove") | {"date": "2999-01-01"}
    folder = write_overlay(tmp_path / "own", {"OVERRIDES": [row]})
    overlay, problems = overlay_check._read(folder, BASE)
    assert overlay is not None
    assert not problems
    assert [p.column for p in check_days(overlay_check.laid_over(overlay))] == ["date"]


@pytest.mark.parametrize("inside", ["", "deeper/formulary.tsv", "formulary.csv", "Texts.TSV"])
def test_a_folder_without_tables_is_no_overlay(tmp_path: Path, inside: str) -> None:
    if inside:
        (tmp_path / inside).parent.mkdir(exist_ok=True)
        (tmp_path / inside).write_text("drug\tavailable\tnote\n", encoding="utf-8")
    assert {p.check for p in check_overlay(tmp_path, BASE)} == {"overlay-table"}


def test_a_run_refuses_what_the_check_refuses(tmp_path: Path) -> None:
    """A sentence that is too long for page one, and has no short one."""
    text = {"id": "rule-own", "language": "en", "text": "Invented: avoid {drug}." + " word" * 40}
    rows = {
        "drug_rules": [own_rule(text_id="rule-own")],
        "texts": [text, text | {"language": "es"}],
    }
    folder = write_overlay(tmp_path / "own", rows)
    with pytest.raises(TableError, match="short-text"):
        open_checked(BASE, folder)
