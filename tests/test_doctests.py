"""The examples in docstrings are run, and the hardest functions have one."""

import doctest
import inspect
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import epilepsy_pgx
from epilepsy_pgx.calling.definitions import define_gene
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.phenotypes import load_all_phenotypes
from epilepsy_pgx.response.actions import load_actions
from epilepsy_pgx.response.rules import load_groups
from epilepsy_pgx.variants.sequence import open_sequences
from epilepsy_pgx.variants.sites import UNKNOWN, load_sites
from epilepsy_pgx.variants.store import UNPHASED
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import Basis, GeneStatus, GenomeBuild

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path(epilepsy_pgx.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(("epilepsy_pgx", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)
HARDEST = {
    "calling.diplotypes": ("call_pairs", "distinct_genotypes"),
    "calling.completions": ("complete_missing",),
    "response.actions": ("settle_actions",),
    "response.candidates": ("widen",),
    "variants.borders": ("read_borders",),
    "variants.consequence": ("locate", "reconcile"),
    "variants.frame": ("read_frame",),
    "trimming": ("left_align",),
    "variants.representation": ("changes_elsewhere", "read_codes"),
}


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    """Return what examples may use without making it, all of it from the shipped tables."""
    ref, build = load_reference(), GenomeBuild.GRCH38
    cyp3a5 = define_gene(ref, load_sites(ref, build), "CYP3A5")
    codes = cyp3a5.wild_type_code[:, None].repeat(2, axis=1)
    codes[cyp3a5.site_names.index("rs776746")] = UNKNOWN
    diplotypes = (Diplotype.read("*1/*1"),)
    withdrawn = ("Indeterminate",)
    return {
        "scn1a": load_transcripts(ref, build)["SCN1A"],
        "sequences": open_sequences(ref, build),
        "cyp3a5": cyp3a5,
        "without_rs776746": codes,
        "unphased": np.full(len(codes), UNPHASED, np.int32),
        "cyp2c9": load_all_phenotypes(ref)["CYP2C9"],
        "broken_cyp2c9": GeneResult(
            "CYP2C9",
            GeneStatus.COMPLETE,
            Basis.GENOTYPE,
            diplotypes,
            1,
            withdrawn,
            (),
            lost_function=True,
        ),
        "table": load_actions(ref, load_groups(ref)),
        "example": ROOT / "examples/vcf/EX01.vcf.gz",
        "panel": ROOT / "examples/vcf/panel.bed",
    }


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_show(name, names):
    failed, tried = doctest.testmod(import_module(name), extraglobs=names)
    assert tried > 0
    assert failed == 0


@pytest.mark.parametrize(
    ("module", "function"), [(m, f) for m, functions in HARDEST.items() for f in functions]
)
def test_hard_functions_have_an_example(module, function):
    text = inspect.getdoc(getattr(import_module(f"epilepsy_pgx.{module}"), function)) or ""
    assert "Examples\n--------\n" in text
