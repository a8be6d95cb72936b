"""How much of a gene was read: listed positions are no coding bases, and less never says more."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import ClinicalEntry, VariantKey
from epilepsy_pgx.pipeline.gene_coverage import GeneCoverages, known_pathogenic, may_be
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import CuratedSite
from epilepsy_pgx.response.monogenic import assess_genes
from epilepsy_pgx.variants.targets_coding import coding_targets
from epilepsy_pgx.vocabulary import GeneStatus, GenomeBuild, Response, SiteStatus, Tier
from tests.drawing import examples
from tests.response.builders import takes, variant
from tests.said import SpeakingEngine

REF = load_reference()
GENE = "POLG"
COMMON = ("rs3087374", "rs2307441")


def read(build=GenomeBuild.GRCH38, missing_exon=None, genes=(GENE, "CACNA1H", "SCN1A", "CDKL5")):
    targets = coding_targets(REF, build, genes)
    seen = [
        [0 if (t.gene, t.exon_number) == missing_exon else t.coding_end0 - t.coding_start0]
        for t in targets
    ]
    return SimpleNamespace(
        targets=SimpleNamespace(
            build=build,
            coding=targets,
            sequences=SimpleNamespace(
                covers=lambda gene: gene == "SCN1A", coding_only=frozenset({"CDKL5"})
            ),
        ),
        callable_bases=np.array(seen, np.int32),
    )


@pytest.mark.parametrize("build", list(GenomeBuild))
def test_known_variants_in_exons_read_in_full_are_counted(build):
    found = GeneCoverages(read(build), REF).of(0)
    known = known_pathogenic(REF, build)[GENE]
    assert len(known) >= 15
    assert (found[GENE].known_total, found[GENE].known_absent) == (len(known), len(known))
    assert found[GENE].status is GeneStatus.NOT_ASSESSED
    assert found[GENE].reason == "coverage-known-variants"
    unlisted = found["CACNA1H"]
    assert (unlisted.known_total, unlisted.reason) == (0, "coverage-no-sequence")
    assert found["SCN1A"].status is GeneStatus.COMPLETE
    assert found["SCN1A"].known_total == 0


def test_a_gene_whose_splice_sites_are_unknown_is_never_complete():
    found = GeneCoverages(read(), REF).of(0)["CDKL5"]
    assert (found.status, found.reason) == (GeneStatus.PARTIAL, "coverage-splice-sites-unread")
    assert found.assessed
    assert found.known_total == 0


def test_common_variants_are_no_known_pathogenic_ones():
    keys = {k.pos for k in known_pathogenic(REF, GenomeBuild.GRCH38)[GENE]}
    sites = {r.site: r for r in REF.rows(CuratedSite)}
    for name in COMMON:
        assert sites[name].grch38_pos not in keys


def test_what_was_not_read_or_is_there_is_not_counted_absent():
    known = known_pathogenic(REF, GenomeBuild.GRCH38)[GENE]
    whole = read()
    for key in known:
        place = next(
            (t.gene, t.exon_number)
            for t in whole.targets.coding
            if t.gene == GENE and t.coding_start0 < key.pos <= t.coding_end0
        )
        fewer = GeneCoverages(read(missing_exon=place), REF).of(0)[GENE]
        assert fewer.known_absent < len(known)
        there = replace(variant(GENE, status=SiteStatus.LOW_QUALITY), key=key)
        alike = sum(may_be(key, other) for other in known)
        assert alike == 1 or len(key.ref) != len(key.alt)
        assert GeneCoverages(whole, REF).of(0, [there])[GENE].known_absent == len(known) - alike
    elsewhere = replace(variant(GENE), key=VariantKey("15", 1, "A", "G"))
    assert GeneCoverages(whole, REF).of(0, [elsewhere])[GENE].known_absent == len(known)


@pytest.mark.parametrize(("shift", "fewer"), [(0, 1), (7, 1), (60, 0)])
def test_a_listed_indel_in_another_spelling_is_not_counted_absent(shift, fewer):
    """Without bases nobody can tell that a deletion a little to the right is another one."""
    known = known_pathogenic(REF, GenomeBuild.GRCH38)["CHD2"]
    pos = [k.pos for k in known if len(k.ref) - len(k.alt) == 1]
    key = next(
        k
        for k in known
        if len(k.ref) - len(k.alt) == 1 and sum(abs(p - k.pos) < 150 for p in pos) == 1
    )
    there = replace(variant("CHD2"), key=replace(key, pos=key.pos + shift))
    found = GeneCoverages(read(genes=("CHD2", "SCN1A", GENE, "CDKL5")), REF).of(0, [there])["CHD2"]
    assert found.known_total - found.known_absent == fewer


def test_valproate_says_partial_and_never_excluded():
    engine = SpeakingEngine(REF)
    coverage = GeneCoverages(read(), REF).of(0)
    total = len(known_pathogenic(REF, GenomeBuild.GRCH38)[GENE])
    for current in ((), (takes("valproate"),)):
        result = engine.interpret({}, (), coverage, ClinicalEntry(current=current))
        line = next(d for d in result.drugs if d.drug == "valproate")
        assert dict(line.deciding)[GENE] is GeneStatus.PARTIAL
        assert GENE in line.not_assessed
        assert line.response not in (Response.STANDARD, Response.MAY_FAVOUR, Response.NO_RULE)
        said = next(s for s in line.statements if s.evidence[0].row == "valproate POLG")
        assert said.tier is Tier.CONSIDER
        assert (
            f"{total} of {total} known pathogenic variants read and absent, gene not sequenced"
            in said.text
        )
        assert "POLG disease is not excluded" in said.text
    dravet = ClinicalEntry(syndromes=("dravet",), affected=True)
    result = engine.interpret({}, (), coverage, dravet)
    line = next(d for d in result.drugs if d.drug == "valproate")
    assert Response.MAY_FAVOUR not in {s.response for s in line.statements}


WHOLE = read(genes=(GENE, "CACNA1H", "SCN1A", "CDKL5", "CHD2"))
CERTAINTY = {GeneStatus.NOT_ASSESSED: 0, GeneStatus.PARTIAL: 1, GeneStatus.COMPLETE: 2}


def as_read(parts):
    """Return what a file says in which these parts of the targets were read."""
    sizes = WHOLE.callable_bases[:, 0]
    seen = np.array([int(size * part) for size, part in zip(sizes, parts, strict=True)], np.int32)
    return SimpleNamespace(targets=WHOLE.targets, callable_bases=seen[:, None])


def parts_read(low=0.0):
    some = st.sampled_from((0.0, 0.1, 0.4, 0.5, 0.6, 0.99, 1.0)).map(lambda p: max(p, low))
    count = len(WHOLE.targets.coding)
    one = st.lists(some, min_size=count, max_size=count)
    alike = some.map(lambda p: [p] * count)
    return one | alike


@settings(max_examples=examples(150), deadline=None)
@given(more=parts_read(), kept=parts_read())
def test_reading_less_never_says_more(more, kept):
    less = [min(a, b) for a, b in zip(more, kept, strict=True)]
    before, after = GeneCoverages(as_read(more), REF).of(0), GeneCoverages(as_read(less), REF).of(0)
    for gene in (GENE, "CACNA1H", "SCN1A", "CDKL5", "CHD2"):
        fuller, poorer = before[gene], after[gene]
        assert CERTAINTY[poorer.status] <= CERTAINTY[fuller.status]
        assert poorer.assessed <= fuller.assessed
        known = classify(gene, poorer), classify(gene, fuller)
        assert CERTAINTY[known[0]] <= CERTAINTY[known[1]]
        if fuller.known_total and poorer.known_total:
            assert poorer.known_absent <= fuller.known_absent
        if fuller.fraction is not None:
            assert poorer.fraction <= fuller.fraction


def classify(gene, coverage):
    """Return how far rules hold a gene to be read."""
    return assess_genes([gene], (), {gene: coverage}, {}, {})[gene].status


@pytest.mark.parametrize("gene", ["SCN1A", "CDKL5"])
@pytest.mark.parametrize(
    ("part", "assessed"), [(0.01, False), (0.49, False), (0.51, True), (1.0, True)]
)
def test_a_gene_of_which_little_was_read_is_not_assessed(gene, part, assessed):
    found = GeneCoverages(as_read([part] * len(WHOLE.targets.coding)), REF).of(0)[gene]
    assert found.assessed is assessed
    assert (found.reason == "coverage-too-few-bases") is not assessed
    assert found.fraction is not None
    if not assessed:
        assert classify(gene, found) is GeneStatus.NOT_ASSESSED
        assert found.known_total == len(known_pathogenic(REF, GenomeBuild.GRCH38).get(gene, ()))


def at_listed(gene, share):
    """Return a file in which a share of a gene's listed variants was read, and no other base."""
    targets = coding_targets(REF, GenomeBuild.GRCH38, (gene,))
    alone = [n for n, t in enumerate(targets) if not t.exon_number]
    seen = np.zeros((len(targets), 1), np.int32)
    for n in alone[: round(share * len(alone))]:
        seen[n] = targets[n].coding_end0 - targets[n].coding_start0
    names = {t.gene for t in WHOLE.targets.coding} - {gene}
    others = tuple(t for t in WHOLE.targets.coding if t.gene in names)
    seen = np.concatenate([seen, np.zeros((len(others), 1), np.int32)])
    return SimpleNamespace(
        targets=SimpleNamespace(
            build=GenomeBuild.GRCH38,
            coding=targets + others,
            sequences=SimpleNamespace(covers=lambda _: False, coding_only=frozenset()),
        ),
        callable_bases=seen,
    )


@pytest.mark.parametrize("gene", ["CHD2", "OTC", "SCN2A"])
@pytest.mark.parametrize(
    ("share", "reason", "status"),
    [
        (0, "coverage-no-sequence", GeneStatus.NOT_ASSESSED),
        (0.2, "coverage-known-few", GeneStatus.NOT_ASSESSED),
        (1, "coverage-known-variants", GeneStatus.PARTIAL),
    ],
)
def test_listed_positions_are_counted_one_by_one_and_are_no_coding_bases(
    gene, share, reason, status
):
    found = GeneCoverages(at_listed(gene, share), REF).of(0)[gene]
    assert not found.assessed
    assert (found.reason, found.fraction, found.exons) == (reason, None, ())
    assert found.known_total == len(known_pathogenic(REF, GenomeBuild.GRCH38)[gene])
    assert (found.known_absent == found.known_total) is (share == 1)
    assert bool(found.known_absent) is bool(share)
    assert classify(gene, found) is status
