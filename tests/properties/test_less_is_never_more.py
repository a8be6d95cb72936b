"""Taking something out of a file never makes a site more certain."""

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.sites import UNKNOWN
from epilepsy_pgx.variants.store import NOT_JUDGED
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.drawing import examples
from tests.toy.package import write_toy
from tests.toy.vcf import vcf_text

LINES = {"1001": "A G", "1011": "C CTT", "1021": "GAA G", "1031": "T C,A", "1041": "G A"}
FIELDS = ("GT", "DP", "GQ", "AD")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_toy(tmp_path_factory.mktemp("toy"))


def codes(ref, records):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.vcf"
        path.write_text(vcf_text(*records))
        found = extract_group(
            [path], None, None, load_targets(ref, GenomeBuild.GRCH38), ref, Thresholds()
        )
    # What was read and not judged is no certainty.
    judged = found.store.reason[:, 0, None] != NOT_JUDGED
    return np.where(judged, found.store.usable()[:, 0], UNKNOWN)


def line(pos, fields):
    return f"{pos} {LINES[pos]} {':'.join(fields)} {':'.join(fields.values())}"


def sound(genotype, pos):
    """A record whose values all pass, so that no field is what holds the call back."""
    count = len(LINES[pos].split(" ")[1].split(","))
    called = set(genotype) & {"0", "1"} or {"0"}
    reads = [str(40 // len(called) if str(n) in called else 0) for n in range(count + 1)]
    return {"GT": genotype, "DP": "40", "GQ": "60", "AD": ",".join(reads)}


@settings(max_examples=examples(25), deadline=None)
@given(
    st.tuples(*[st.sampled_from(("0/0", "0/1", "1/1", "./.", "./1", "1"))] * len(LINES)),
    st.sampled_from(tuple(LINES)),
    st.sampled_from((None, *FIELDS)),
)
def test_removal_never_adds_certainty(small, genotypes, pos, field):
    full = {p: sound(g, p) for p, g in zip(LINES, genotypes, strict=True)}
    less = {p: dict(v) for p, v in full.items()}
    if field is None:
        del less[pos]
    elif field == "GT":
        less[pos]["GT"] = "./."
    else:
        del less[pos][field]
    before = codes(small, [line(p, v) for p, v in full.items()])
    after = codes(small, [line(p, v) for p, v in less.items()])
    known = after >= 0
    assert (before[known] == after[known]).all()
    if field in (None, "GT"):
        assert (after[list(LINES).index(pos)] == -1).all()


@settings(max_examples=examples(40), deadline=None)
@given(
    st.sampled_from(("0/0", "0/1", "1/1", "./1", "1")),
    st.sampled_from(tuple(LINES)),
    st.tuples(st.integers(0, 40), st.integers(0, 60), st.integers(0, 20), st.integers(0, 20)),
    st.sets(st.sampled_from(("DP", "GQ", "AD")), min_size=1),
    st.sets(st.sampled_from(("DP", "GQ", "AD")), min_size=1),
)
def test_an_emptied_value_never_adds_certainty(small, genotype, pos, values, given, emptied):
    """Whatever the values are: without them the call is at most as certain."""
    depth, quality, first, other = values
    count = len(LINES[pos].split(" ")[1].split(","))
    reads = ",".join([str(first), *[str(other)] * count])
    all_fields = {"DP": str(depth), "GQ": str(quality), "AD": reads}
    full = {"GT": genotype, **{f: v for f, v in all_fields.items() if f in given}}
    less = {f: "." if f in emptied else v for f, v in full.items()}
    before, after = (codes(small, [line(pos, fields)]) for fields in (full, less))
    known = after >= 0
    assert (before[known] == after[known]).all()
