"""What is read of each gene, and what more bases would add, follows from the tables alone."""

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.variants.reading import Extent, gained, read_genes, reading_sentence
from epilepsy_pgx.variants.sequence import open_sequences
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild

REF = load_reference()


@pytest.mark.parametrize("build", list(GenomeBuild))
def test_every_gene_is_read_so_far_as_its_bases_go(build: GenomeBuild) -> None:
    sequences = open_sequences(REF, build)
    rows = {r.gene: r for r in read_genes(REF, sequences)}
    rare = {r.gene for r in REF.rows(Gene) if r.call_method is CallMethod.RARE_VARIANT}
    assert set(rows) == rare
    for gene, row in rows.items():
        assert (row.extent is Extent.WHOLE) == sequences.covers(gene)
        assert (row.extent is Extent.CODING) == (gene in sequences.coding_only)
        assert row.extent is not Extent.LISTED or row.listed
        assert row.gains == (not sequences.covers(gene) and row.has_transcript)
    more = gained(tuple(rows.values()), list(sequences.lengths))
    assert sorted(g for names in more.values() for g in names) == sorted(
        gene for gene, row in rows.items() if row.gains
    )


@pytest.mark.parametrize("build", list(GenomeBuild))
def test_one_sentence_says_what_is_read_and_what_one_option_adds(build: GenomeBuild) -> None:
    said = reading_sentence(REF, open_sequences(REF, build))
    assert said.startswith(f"{build.value}: of ")
    assert said.count(".") == 1
    assert "--reference-fasta" in said
    assert "listed variants only" in said
