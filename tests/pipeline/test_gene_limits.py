"""What a file of small variants does not show of a gene stands beside a finding in it."""

from dataclasses import replace

import pytest

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, Gene
from epilepsy_pgx.report.view.words import told_notes
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.variants.hgvs import name_by_position
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild
from tests.response.builders import variant

REF = load_reference()
LIMITS = {
    r.gene: r.limits
    for r in REF.rows(Gene)
    if r.call_method is CallMethod.RARE_VARIANT and r.limits
}


def test_the_genes_with_limits() -> None:
    assert set(LIMITS) >= {"CSTB", "EPM2A", "GLDC", "MTOR", "NHLRC1", "NPRL3", "SLC6A8", "UBE3A"}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("gene", LIMITS)
def test_a_finding_says_what_is_not_seen_of_its_gene(gene: str, language: str) -> None:
    words = ReportWords(Wording(REF, language))
    found = replace(variant(gene), notes=LIMITS[gene])
    assert told_notes(found, words) == tuple(map(words.say, LIMITS[gene]))
    general = words.say("limit-of-genes")
    assert gene in general


@pytest.mark.parametrize("build", list(GenomeBuild))
def test_only_numbers_of_the_transcript_are_given(build: GenomeBuild) -> None:
    """A base that a build lacks shifts the numbers behind it, in that build alone."""
    other = next(b for b in GenomeBuild if b is not build)
    here, there = load_transcripts(REF, build), load_transcripts(REF, other)
    spots = {gene for gene, t in here.items() if t.spot is not None}
    assert spots == ({"NPRL3"} if build is GenomeBuild.GRCH37 else set())
    for row in REF.rows(ClassifiedVariant):
        one, two = row.place(build), row.place(other)
        if row.gene != "NPRL3" or one is None or two is None:
            continue
        names = [
            name_by_position(VariantKey(row.chrom, *place), transcripts["NPRL3"])
            for place, transcripts in ((one, here), (two, there))
        ]
        assert names[0] == names[1] or None in names
    inside = here["NPRL3"].cds_start + 5
    assert here["NPRL3"].has_number(inside) is not bool(spots)
    assert here["NPRL3"].has_number(here["NPRL3"].cds_end - 5)
