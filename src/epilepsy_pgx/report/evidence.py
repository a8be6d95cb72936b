"""The chains of evidence of a report, each stated once and numbered."""

import re
from collections.abc import Iterable
from functools import lru_cache

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import GeneResult, PatientReport
from epilepsy_pgx.report.gaps import covered_of
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.sharing import Hashed
from epilepsy_pgx.statement import Evidence, Reason, Statement, SubjectKind

_LONG = 24
"""Letters of facts that are worth a reference."""
_BY_DRUG = "deciding_genes"
"""Table whose rows differ only in the drug: rows with the same source are one chain."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A reason in words, and where in the report what it is about stands."""

    anchor: str
    """Id of the element with the result; empty if none."""
    name: str
    """The part of the text that names the gene and leads there; empty without an anchor."""
    rest: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source and the table rows that quote it."""

    evidence: Evidence
    """The first of those it stands for."""
    rows: tuple[str, ...]


@dataclass(slots=True)
class Chain:
    """Facts, and the sources that say what follows from them."""

    reasons: tuple[Fact, ...]
    sources: tuple[Source, ...]
    same_as: int = 0
    """Number of an earlier chain with the same facts, if stating them again takes room."""


def join_rows(evidence: Iterable[Evidence]) -> tuple[Source, ...]:
    """Join the rows of a statement that quote one source in the same way."""
    groups: dict[tuple[object, ...], list[Evidence]] = {}
    for e in evidence:
        groups.setdefault((e.source, e.level, e.verified, e.citations, e.table), []).append(e)
    return tuple(Source(g[0], tuple(dict.fromkeys(e.row for e in g))) for g in groups.values())


def chain_key(statement: Statement) -> tuple[object, ...]:
    """Return what makes two statements rest on the same chain."""
    return _key(statement.reasons, join_rows(statement.evidence))


def _key(reasons: tuple[Reason, ...], sources: Iterable[Source]) -> tuple[object, ...]:
    return reasons, tuple(
        (
            s.evidence.source,
            s.evidence.level,
            s.evidence.verified,
            s.evidence.citations,
            s.evidence.table,
            () if s.evidence.table == _BY_DRUG else s.rows,
        )
        for s in sources
    )


def _chain_of(statement: Statement, words: ReportWords) -> tuple[Hashed, tuple[Source, ...]] | None:
    """Return the key and the sources of a statement's chain; None if it rests on its row alone."""
    if not statement.reasons and not any(e.citations for e in statement.evidence):
        return None
    sources = join_rows(statement.evidence)
    key = Hashed(_key(statement.reasons, sources))
    # Equal keys as one object are found without being compared.
    return words.once("chain-key", (), key, lambda: key), sources


class EvidenceList:
    """Numbers chains in the order in which it is first asked about them."""

    def __init__(self, report: PatientReport, words: ReportWords) -> None:
        self._words = words
        self._chain_of = words.each(_chain_of)
        self.chains: list[Chain] = []
        self._numbers: dict[object, int] = {}
        self._known: dict[int, tuple[Statement, int]] = {}
        self._facts: dict[tuple[Reason, ...], int] = {}
        self._genes = {g.gene for g in report.genes}
        self._rare = covered_of(report, words).genes
        self._variants = {(f.gene, str(f.key)): f"v{n}" for n, f in enumerate(report.findings, 1)}

    def number(self, statement: Statement) -> int:
        """Return the number of a statement's chain; 0 if it rests on nothing but its table row."""
        known = self._known.get(id(statement))
        if known is None:
            known = self._known[id(statement)] = statement, self._number(statement)
        return known[1]

    def _number(self, statement: Statement) -> int:
        found = self._chain_of(statement)
        if found is None:
            return 0
        key, sources = found
        number = self._numbers.get(key)
        if number is None:
            facts = tuple(map(self._fact, statement.reasons))
            known = 0
            if sum([len(f.name) + len(f.rest) + 2 for f in facts]) - 2 > _LONG:
                known = self._facts.setdefault(statement.reasons, len(self.chains) + 1)
            same_as = known if known <= len(self.chains) else 0
            self.chains.append(Chain(facts, sources, same_as))
            self._numbers[key] = len(self.chains)
            return len(self.chains)
        chain = self.chains[number - 1]
        if chain.sources is not sources:
            chain.sources = self._words.once(
                "rows-joined",
                (*chain.sources, *sources),
                (),
                lambda: tuple(map(_with_rows, chain.sources, sources)),
            )
        return number

    @property
    def anchors(self) -> frozenset[str]:
        """Ids to which chains lead."""
        return frozenset(r.anchor for c in self.chains for r in c.reasons)

    def _fact(self, reason: Reason) -> Fact:
        """Put a reason into words, and find the row of its variant or gene."""
        anchor = self._anchor(reason)
        return self._words.once("fact", (reason,), anchor, lambda: self._fact_at(reason, anchor))

    def _anchor(self, reason: Reason) -> str:
        subject, anchor = reason.subject, ""
        gene = subject.gene or next(iter(subject.names), "")
        if subject.kind is SubjectKind.VARIANT:
            anchor = self._variants.get((subject.gene, subject.names[0]), "")
        if subject.kind in (SubjectKind.VARIANT, SubjectKind.GENE) and not anchor:
            if gene in self._rare:
                anchor = "variants"
            elif gene in self._genes:
                anchor = gene_anchor(gene)
        return anchor

    def _fact_at(self, reason: Reason, anchor: str) -> Fact:
        text = self._words.tell(reason)
        gene = reason.subject.gene or next(iter(reason.subject.names), "")
        if not anchor:
            return Fact("", "", text)
        name = gene if text.startswith(gene) else text
        return Fact(anchor, name, text[len(name) :])


def _with_rows(old: Source, new: Source) -> Source:
    """Return a source with the rows that another statement quotes it in."""
    rows = tuple(dict.fromkeys((*old.rows, *new.rows)))
    return old if rows == old.rows else Source(old.evidence, rows)


def number_evidence(
    report: PatientReport, drugs: Iterable[str], words: ReportWords
) -> EvidenceList:
    """Number the chains of drugs in the order of the drug table, then all others."""
    evidence = EvidenceList(report, words)
    statements = {d.drug: d.statements for d in report.interpretation.drugs}
    for drug in drugs:
        for statement in statements[drug]:
            evidence.number(statement)
    said = report.interpretation
    for statement in (*said.urgent, *said.interactions, *said.monogenic):
        evidence.number(statement)
    return evidence


def gene_anchor(gene: GeneResult | str) -> str:
    """Return the id of a gene's row."""
    return _anchor_of(gene if isinstance(gene, str) else gene.gene)


@lru_cache(maxsize=1024)
def _anchor_of(name: str) -> str:
    return "g-" + re.sub(r"[^A-Za-z0-9-]+", "-", name)
