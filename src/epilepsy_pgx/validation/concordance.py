"""Concordance: public genomes with published genotypes, and pairs of named alleles."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.tsv import read_table
from epilepsy_pgx.validation.calls import Calls, call_file, pairs_of, read_pairs, shown
from epilepsy_pgx.validation.checks import Check, Comparison, Verdict, judge, verdict_of
from epilepsy_pgx.vocabulary import GenomeBuild

DATA = Path(__file__).parent / "data"
BUILD = GenomeBuild.GRCH38
"""Of every file that is shipped."""
COLUMNS = ("set", "file", "sample", "gene", "expected", "compared", "source")
COMPARED = "yes"


@dataclass(frozen=True, slots=True)
class KnownSet:
    """Inputs of one kind."""

    title: str
    limit: str
    exact: bool
    """True if exactly the expected candidate is wanted, False if it must be among ours."""


SETS = {
    "genome": KnownSet(
        "Public genomes with published genotypes (GeT-RM)",
        "the published genotype is among the candidates of every genome compared",
        exact=False,
    ),
    "phased": KnownSet(
        "Pairs of named alleles with phase, against PharmCAT",
        "exactly the pair that was written, for every pair",
        exact=True,
    ),
    "unphased": KnownSet(
        "Pairs of named alleles without phase, against PharmCAT",
        "the pair that was written is among the candidates, for every pair",
        exact=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What one sample must give for one gene."""

    set: str
    file: str
    sample: str
    gene: str
    pairs: frozenset[str]
    compared: str
    source: str


@lru_cache(maxsize=1)
def expectations() -> tuple[Expected, ...]:
    """Read the table of what the shipped inputs must give."""
    return tuple(
        Expected(
            row["set"],
            row["file"],
            row["sample"],
            row["gene"],
            read_pairs(row["expected"]),
            row["compared"],
            row["source"],
        )
        for row in read_table(DATA / "expected.tsv", COLUMNS)
    )


def call_inputs(ref: Reference) -> dict[str, Calls]:
    """Call every shipped input, by its set."""
    found: dict[str, Calls] = {name: {} for name in SETS}
    genes: dict[tuple[str, str], set[str]] = {}
    for row in expectations():
        genes.setdefault((row.set, row.file), set()).add(row.gene)
    for (name, file), wanted in genes.items():
        found[name] |= call_file(DATA / file, BUILD, ref, wanted)
    return found


def compare_inputs(calls: dict[str, Calls]) -> tuple[list[Check], list[Comparison]]:
    """Compare each call with what is expected; one check for each set and gene."""
    compared = list(_comparisons(calls))
    checks = []
    for name, known in SETS.items():
        for gene in sorted({e.gene for e in expectations() if e.set == name}):
            check = f"concordance-{name}-{gene}"
            own = [c for c in compared if c.check == check]
            results = [calls[name][e.sample, e.gene] for e in _of(name, gene)]
            single = sum(len(r.diplotypes) == 1 and not r.unlisted for r in results)
            more = f"; one candidate in {single}"
            named = (check, "concordance", f"{known.title}: {gene}")
            checks.append(judge(named, known.limit, own, more))
    return checks, compared


def _of(name: str, gene: str) -> list[Expected]:
    return [e for e in expectations() if (e.set, e.gene) == (name, gene)]


def _comparisons(calls: dict[str, Calls]) -> Iterator[Comparison]:
    for row in expectations():
        result = calls[row.set][row.sample, row.gene]
        ours = pairs_of(result)
        right = ours == row.pairs if SETS[row.set].exact else bool(ours & row.pairs)
        verdict, note = verdict_of(right), row.source
        if row.compared != COMPARED:
            verdict, note = Verdict.NOT_COMPARED, f"{row.compared}; {row.source}"
        yield Comparison(
            f"concordance-{row.set}-{row.gene}",
            f"{row.sample} {row.gene}",
            " or ".join(sorted(row.pairs)),
            shown(result),
            verdict,
            note,
        )
