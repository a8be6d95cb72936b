"""The variants that tables let a gene have: none, one of each kind and class, or two."""

import pytest

from epilepsy_pgx.model import VariantFinding
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, CuratedTranscript
from epilepsy_pgx.response.witness_findings import Witnesses, coverage_of
from epilepsy_pgx.vocabulary import Classification, Direction, GeneStatus, SiteStatus, Zygosity

HETEROZYGOUS, HOMOZYGOUS = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS
OPEN, LOSS = Direction.NOT_DETERMINED, Direction.LOSS
C = Classification
CLASSES = (C.PATHOGENIC, C.UNCERTAIN, C.BENIGN, C.CONFLICTING)

Told = tuple[Direction, bool, str | None, C | None, Zygosity]


def told(finding: VariantFinding) -> Told:
    words = [record.classification for record in finding.classifications]
    assert len(words) < 2
    assert all(record.act for record in finding.classifications)
    return (
        finding.direction,
        finding.truncating,
        finding.hgvs_p,
        words[0] if words else None,
        finding.zygosity,
    )


@pytest.fixture(scope="module")
def witnesses(reference: Reference) -> Witnesses:
    return Witnesses(reference)


@pytest.mark.parametrize("gene", ["SCN1A", "KCNQ2", "POLG", "PCDH19"])
def test_a_gene_has_each_kind_of_variant_in_each_class(witnesses: Witnesses, gene: str) -> None:
    tested = [(d, name) for d, name in witnesses.directions.get(gene, {}).items() if d is not OPEN]
    changes: list[tuple[Direction, bool, str | None]] = [(LOSS, True, None), (OPEN, False, None)]
    changes += [(direction, False, name) for direction, name in tested]
    expected: list[tuple[Told, ...]] = [()]
    for change in changes:
        expected += [((*change, word, HETEROZYGOUS),) for word in (None, *CLASSES)]
        expected.append(((*change, C.PATHOGENIC, HOMOZYGOUS),))
    expected.append(
        (
            (LOSS, True, None, C.PATHOGENIC, HETEROZYGOUS),
            (OPEN, False, None, C.UNCERTAIN, HETEROZYGOUS),
        )
    )
    sets = [*witnesses.sets_of(gene)]
    assert [tuple(map(told, found)) for found in sets] == expected
    everything = [f for found in sets for f in found]
    assert {(f.gene, f.key.chrom) for f in everything} == {(gene, witnesses.chromosomes[gene])}
    assert {f.status for f in everything} == {SiteStatus.CALLED}
    # Two variants of one patient are two places.
    assert len({f.key for f in sets[-1]}) == len({f.hgvs_c for f in sets[-1]}) == 2


def test_some_gene_has_a_change_of_each_tested_direction(witnesses: Witnesses) -> None:
    assert {Direction.GAIN, LOSS} <= {d for known in witnesses.directions.values() for d in known}


def test_a_gene_that_is_not_read_has_no_variant(witnesses: Witnesses) -> None:
    assert [*witnesses.sets_of("NO GENE")] == [()]


def test_where_genes_lie(witnesses: Witnesses, reference: Reference) -> None:
    listed = {r.gene for r in reference.rows(ClassifiedVariant)}
    read = {r.gene for r in reference.rows(CuratedTranscript)}
    assert witnesses.chromosomes.keys() == listed | read
    assert (witnesses.chromosomes["SCN1A"], witnesses.chromosomes["PCDH19"]) == ("2", "X")


@pytest.mark.parametrize("status", [GeneStatus.COMPLETE, GeneStatus.NOT_ASSESSED])
def test_genes_of_which_everything_or_nothing_was_read(status: GeneStatus) -> None:
    found = coverage_of(["A", "B"], status)
    assert [(k, c.gene, c.status) for k, c in found.items()] == [
        ("A", "A", status),
        ("B", "B", status),
    ]
