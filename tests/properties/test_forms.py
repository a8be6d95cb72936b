"""Real genomes in other forms: names, order of alleles, lines and compression change no result."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation.calls import Calls, VcfText, call_file, pairs_of
from epilepsy_pgx.validation.concordance import BUILD, DATA

GENOMES = ("HG00276", pytest.param("NA19109", marks=pytest.mark.slow))
GENES = ("CYP2B6", "CYP2C9", "SLCO1B1")


def bare(text: VcfText) -> VcfText:
    head = tuple(h.replace("##contig=<ID=chr", "##contig=<ID=") for h in text.head)
    rows = tuple((r[0].removeprefix("chr"), *r[1:]) for r in text.records)
    return VcfText(head, text.columns, rows)


def other_way(text: VcfText) -> VcfText:
    """Write each genotype without phase the other way about."""

    def turned(cell: str) -> str:
        genotype, mark, rest = cell.partition(":")
        return "/".join(reversed(genotype.split("/"))) + mark + rest

    return VcfText(text.head, text.columns, tuple((*r[:9], turned(r[9])) for r in text.records))


def without_ids(text: VcfText) -> VcfText:
    return VcfText(
        text.head, text.columns, tuple((*r[:2], ".", *r[3:5], ".", *r[6:]) for r in text.records)
    )


def chromosomes_turned(text: VcfText) -> VcfText:
    """Put the chromosomes in another order, each with its records in theirs."""
    names = list(dict.fromkeys(r[0] for r in text.records))
    rows = tuple(r for name in reversed(names) for r in text.records if r[0] == name)
    return VcfText(text.head, text.columns, rows)


FORMS: tuple[Callable[[VcfText], VcfText], ...] = (bare, other_way, without_ids, chromosomes_turned)


def plain(name: str) -> VcfText:
    return VcfText.read(gzip.decompress((DATA / f"genomes/{name}.g.vcf.gz").read_bytes()).decode())


def results(calls: Calls) -> dict[str, tuple[frozenset[str], frozenset[str], tuple[str, ...]]]:
    return {
        gene: (pairs_of(r), frozenset(r.phenotypes), r.missing_sites)
        for (_, gene), r in calls.items()
    }


@pytest.mark.parametrize("genome", GENOMES)
def test_every_form_gives_the_same_results(
    genome: str, reference: Reference, tmp_path: Path
) -> None:
    source = DATA / f"genomes/{genome}.g.vcf.gz"
    wanted = results(call_file(source, BUILD, reference, GENES))
    assert len(wanted) == len(GENES)
    assert all(pairs for pairs, _, _ in wanted.values())
    text = plain(genome)
    for form in FORMS:
        path = tmp_path / f"{form.__name__}.vcf"
        path.write_text(str(form(text)), encoding="utf-8")
        assert results(call_file(path, BUILD, reference, GENES)) == wanted, form.__name__
