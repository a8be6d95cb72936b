"""Other forms of the same genotypes give the same results; a form that says else is found."""

from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation import robustness
from epilepsy_pgx.validation.calls import VcfText
from epilepsy_pgx.validation.checks import failed
from epilepsy_pgx.validation.concordance import BUILD
from epilepsy_pgx.validation.reportable import allele_file
from epilepsy_pgx.validation.robustness import FORMS, check_robustness


def test_every_form_is_called_alike(toy: Reference, tmp_path: Path) -> None:
    checks, _ = check_robustness(toy, tmp_path)
    assert {c.id for c in checks} == {f"robustness-{f}" for f in (*FORMS, "gzip", "build")}
    assert not failed(checks)


def test_every_form_is_another_text(toy: Reference) -> None:
    plain = allele_file(toy, BUILD)
    for name, (_, rewrite) in FORMS.items():
        alts = [r for r in plain.records if "," in r[4]]
        assert (str(rewrite(plain)) != str(plain)) or (name == "split" and not alts), name


def test_a_form_with_other_genotypes_fails(
    toy: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(text: VcfText) -> VcfText:
        rows = tuple((*r[:9], *(c.replace("0|1", "1|1") for c in r[9:])) for r in text.records)
        return VcfText(text.head, text.columns, rows)

    def refused(text: VcfText) -> VcfText:
        return VcfText(text.head, text.columns, ())

    monkeypatch.setattr(robustness, "FORMS", {"wrong": ("x", wrong), "empty": ("x", refused)})
    checks, compared = check_robustness(toy, tmp_path)
    assert [c.id for c in failed(checks)] == ["robustness-wrong", "robustness-empty"]
    assert all(c.expected != c.found for c in compared)
