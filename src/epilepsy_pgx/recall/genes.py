"""Gene results told again from the alleles that were stored.

A stored result is told again only if the tables that made it give it from what was stored: so it
is proved, patient by patient, that nothing else went into it.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import GeneCoverage, GeneResult
from epilepsy_pgx.recall.changes import TableChanges
from epilepsy_pgx.recall.readings import Readings, unread_because
from epilepsy_pgx.reference.phenotypes import INDETERMINATE, PhenotypeTable
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.vocabulary import Basis, CallMethod, GeneStatus, GenomeBuild

CAVEAT = "caveat-retold"
COVERAGE = "coverage-retold"
_TWO_FIELDS = re.compile(r"\*\d+:\d+")
_ANOTHER_WAY = "a gene that is read in another way"
_Meaning = tuple[tuple[str, ...], tuple[Decimal, ...], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Open:
    """What cannot be told of a patient without the file."""

    subject: str
    why: str


class GenesAgain:
    """Tells gene results again with other tables."""

    def __init__(self, changes: TableChanges, build: GenomeBuild) -> None:
        """Take the difference between the tables, and the build of the files."""
        self._changes, self._readings = changes, Readings(changes, build)
        self._known: dict[GeneResult, tuple[GeneResult, tuple[Open, ...]]] = {}
        self._methods = {r.gene: r for r in changes.new.rows(Gene)}

    def results(
        self, stored: Mapping[str, GeneResult], *, typed: bool = True
    ) -> tuple[dict[str, GeneResult], list[Open]]:
        """Return the results of one patient, and what cannot be told.

        Parameters
        ----------
        typed
            False if no file was given that may hold the typing of a locus.
        """
        found: dict[str, GeneResult] = {}
        still: list[Open] = []
        for gene, row in self._methods.items():
            if gene in stored:
                found[gene], more = self._one(stored[gene])
                still += more
            elif row.call_method in (CallMethod.DIPLOTYPE, CallMethod.SINGLE_VARIANT):
                found[gene] = _unread(gene)
                still.append(Open(gene, "a gene that the tables did not have"))
            elif row.call_method is CallMethod.TYPING:
                found[gene] = replace(_unread(gene), caveats=("caveat-hla-not-typed",))
                if typed or gene in self._readings.redefined:
                    still.append(Open(gene, "a locus that the tables did not have"))
            elif gene in self._readings.redefined:
                found[gene] = _unread(gene)
                still.append(Open(gene, "positions that the tables did not have"))
        return found, still

    def coverage(
        self, stored: Mapping[str, GeneCoverage]
    ) -> tuple[dict[str, GeneCoverage], list[Open]]:
        """Return how far each gene was read, as far as that still holds, and what is open."""
        found: dict[str, GeneCoverage] = {}
        still: list[Open] = []
        for gene, row in self._methods.items():
            if row.call_method is not CallMethod.RARE_VARIANT:
                continue
            if gene not in stored:
                found[gene] = GeneCoverage(
                    gene, row.transcript or ".", GeneStatus.NOT_ASSESSED, COVERAGE
                )
                still.append(Open(gene, "a gene that the tables did not have"))
            elif gene in self._readings.genes:
                old = stored[gene]
                found[gene] = replace(old, status=_weaker(old.status), reason=COVERAGE)
                still.append(Open(gene, _ANOTHER_WAY))
            else:
                found[gene] = old = stored[gene]
                if gene in self._readings.unlisted and old.status is not GeneStatus.COMPLETE:
                    still.append(Open(gene, "listed variants that are counted otherwise"))
        return found, still

    def _one(self, stored: GeneResult) -> tuple[GeneResult, tuple[Open, ...]]:
        if stored not in self._known:
            row = self._methods[stored.gene]
            typing = row.call_method is CallMethod.TYPING
            again, still = self._typed(stored) if typing else self._meant(stored)
            for why in self._read_otherwise(stored, row.call_method):
                again = _open(again)
                still.append(Open(stored.gene, why))
            self._known[stored] = again, tuple(still)
        return self._known[stored]

    def _read_otherwise(self, stored: GeneResult, method: CallMethod) -> Iterator[str]:
        """Yield why a file may show another result by the new tables."""
        # How far a gene of rare variants was read stands in its coverage.
        if stored.gene in self._readings.genes and method is not CallMethod.RARE_VARIANT:
            yield _ANOTHER_WAY
        change = self._readings.redefined.get(stored.gene)
        if change is None:
            return
        # At a position that was read and has its usual bases, no allele could stand or have stood.
        # What the file shows beside a typing, or behind an outside call, is not stored in full.
        whole = method is not CallMethod.TYPING and stored.basis is not Basis.OUTSIDE_CALL
        read = stored.status is not GeneStatus.NOT_ASSESSED
        odd = frozenset({s.site for s in stored.sites} | {*stored.missing_sites})
        yield from unread_because(change, odd if whole and read else None)

    def _meant(self, stored: GeneResult) -> tuple[GeneResult, list[Open]]:
        """Return a result with what its alleles mean by the new tables."""
        before, after = (tables.get(stored.gene) for tables in self._changes.phenotypes)
        if before is None or after is None:
            return stored, []
        if before.limits != after.limits and set(before.limits) <= {*stored.caveats}:
            kept = tuple(c for c in stored.caveats if c not in before.limits)
            stored = replace(stored, caveats=tuple(dict.fromkeys((*after.limits, *kept))))
        if stored.unlisted or (stored.phenotypes and not stored.diplotypes):
            if _same(before, after):
                return stored, []
            what = "more candidates than are stored" if stored.unlisted else "no alleles"
            return _open(stored), [Open(stored.gene, f"phenotypes changed, and {what}")]
        was, now = _meaning(stored, before), _meaning(stored, after)
        if was == now:
            return stored, []
        if was != (stored.phenotypes, stored.activity_scores, stored.functions):
            return _open(stored), [
                Open(stored.gene, "phenotypes changed, and this one rests on more than alleles")
            ]
        phenotypes, scores, functions = now
        return replace(
            stored, phenotypes=phenotypes, activity_scores=scores, functions=functions
        ), []

    def _typed(self, stored: GeneResult) -> tuple[GeneResult, list[Open]]:
        """Return a typing, with the curated alleles that it shows or rules out."""
        before, after = (t.get(stored.gene, frozenset()) for t in self._changes.hla)
        present = [a for a in stored.alleles_present if a in after]
        absent = [a for a in stored.alleles_absent if a in after]
        still: list[Open] = []
        if stored.status is GeneStatus.NOT_ASSESSED:
            return stored, still
        pair = stored.diplotypes[0].alleles if len(stored.diplotypes) == 1 else ()
        exact = bool(pair) and all(_TWO_FIELDS.fullmatch(name) for name in pair)
        for name in sorted(after - before):
            if exact and name in pair:
                present.append(name)
            elif exact and stored.status is GeneStatus.COMPLETE:
                absent.append(name)
            else:
                still.append(Open(f"{stored.gene}{name}", "the typing is not stored in full"))
        caveats = (*stored.caveats, CAVEAT) if still else stored.caveats
        again = replace(
            stored,
            alleles_present=tuple(sorted(present)),
            alleles_absent=tuple(sorted(absent)),
            caveats=tuple(dict.fromkeys(caveats)),
            status=_weaker(stored.status) if still else stored.status,
        )
        return again, still


def _meaning(stored: GeneResult, table: PhenotypeTable) -> _Meaning:
    """Return phenotypes, scores and functions of the candidates, as a call gives them."""
    made = [table.resolve(d.alleles) for d in stored.diplotypes]
    phenotypes = tuple(dict.fromkeys(m.phenotype for m in made if m.phenotype is not None))
    scores = tuple(sorted({m.score for m in made if m.score is not None}))
    functions = tuple(dict.fromkeys(m.functions for m in made))
    if stored.lost_function:
        return (INDETERMINATE,) if phenotypes else (), (), functions
    return phenotypes, scores, functions


def _same(one: PhenotypeTable, other: PhenotypeTable) -> bool:
    return (one.functions, one.values, one.pairs, one.bands) == (
        other.functions,
        other.values,
        other.pairs,
        other.bands,
    )


def _weaker(status: GeneStatus) -> GeneStatus:
    return GeneStatus.PARTIAL if status is GeneStatus.COMPLETE else status


def _open(stored: GeneResult) -> GeneResult:
    """Return a result whose phenotype is what it was, and that says so."""
    caveats = tuple(dict.fromkeys((*stored.caveats, CAVEAT)))
    return replace(stored, status=_weaker(stored.status), caveats=caveats)


def _unread(gene: str) -> GeneResult:
    return GeneResult(gene, GeneStatus.NOT_ASSESSED, Basis.NONE, (), 0, (), (), caveats=(CAVEAT,))
