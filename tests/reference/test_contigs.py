"""The chromosomes of a build are those of its rows, in their order."""

from epilepsy_pgx.reference.contigs import Contigs
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows.genome import Contig


def test_each_build_has_its_own_lengths_and_accessions(reference: Reference) -> None:
    rows = reference.rows(Contig)
    new, old = Contigs.of(rows, "GRCh38"), Contigs.of(rows, "GRCh37")
    # As the Genome Reference Consortium published them.
    assert (new.lengths["1"], new.accessions["1"]) == (248_956_422, "NC_000001.11")
    assert (old.lengths["1"], old.accessions["1"]) == (249_250_621, "NC_000001.10")


def test_the_order_is_that_of_the_table(reference: Reference) -> None:
    contigs = Contigs.of(reference.rows(Contig), "GRCh38")
    assert sorted(contigs.order, key=contigs.order.__getitem__) == list(contigs.lengths)
    assert contigs.order["2"] < contigs.order["10"] < contigs.order["X"]


def test_a_build_without_rows_has_no_chromosome(reference: Reference) -> None:
    assert not Contigs.of(reference.rows(Contig), "GRCh36").lengths
