"""Genotypes of another test tell a swap of specimens, wherever enough of them can be read."""

from types import SimpleNamespace

import numpy as np
import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.fingerprint import read_panel
from epilepsy_pgx.quality.fingerprint import check_panel
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN
from epilepsy_pgx.variants.store import STATUS_OF
from epilepsy_pgx.vocabulary import SiteStatus

LIMITS = {"identity-differences": 1.0, "identity-minimum-positions": 15.0}
CALLED, LOW = STATUS_OF[SiteStatus.CALLED], STATUS_OF[SiteStatus.LOW_QUALITY]


def store(count, codes=(0, 1), status=CALLED):
    sites = [SimpleNamespace(name=f"rs{i}", alleles=("A", "G")) for i in range(count)]
    return SimpleNamespace(
        sites=SimpleNamespace(sites=sites),
        alleles=np.full((count, 1, 2), codes),
        status=np.full((count, 1), status),
    )


def panel(count, wrong=0):
    return {f"rs{i}": ("A", "A") if i < wrong else ("G", "A") for i in range(count)}


@pytest.mark.parametrize(
    ("here", "there", "wrong", "outcome"),
    [
        (20, 20, 0, "passed"),
        (20, 20, 1, "passed"),
        (20, 20, 2, "failed"),
        (3, 20, 2, "failed"),
        (20, 14, 0, "not assessed"),
        (20, 14, 1, "not assessed"),
        (20, 0, 0, "not assessed"),
    ],
)
def test_a_swap_fails_and_too_few_positions_prove_nothing(here, there, wrong, outcome):
    (check,) = check_panel(store(here), 0, panel(there, wrong), LIMITS)
    assert check.outcome == outcome


@pytest.mark.parametrize(
    "unread", [{"codes": (0, OTHER)}, {"codes": (UNKNOWN, 0)}, {"status": LOW}]
)
def test_what_does_not_count_is_not_compared(unread):
    (check,) = check_panel(store(20, **unread), 0, panel(20, 20), LIMITS)
    assert (check.outcome, dict(check.measured)["compared"]) == ("not assessed", "0")


def test_without_a_panel_nothing_is_asked():
    assert check_panel(store(20), 0, None, LIMITS) == ()


@pytest.mark.parametrize(
    "text",
    [
        "sample_id\tsite\nP\trs1\n",
        "sample_id\tsite\tgenotype\nP\trs1\tA\n",
        "sample_id\tsite\tgenotype\nP\trs1\tA/G\nP\trs1\tA/A\n",
    ],
)
def test_a_panel_of_another_form_is_a_mistake(tmp_path, text):
    path = tmp_path / "panel.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_panel(path)


def test_a_panel_has_the_genotypes_of_each_sample(tmp_path):
    path = tmp_path / "panel.tsv"
    path.write_text("sample_id\tsite\tgenotype\nP\trs1\tA/G\nQ\trs1\tT|T\n", encoding="utf-8")
    assert read_panel(path) == {"P": {"rs1": ("A", "G")}, "Q": {"rs1": ("T", "T")}}
