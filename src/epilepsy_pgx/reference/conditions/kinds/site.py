"""Conditions on the bases at one curated position."""

from collections.abc import Iterable

from epilepsy_pgx.reference.conditions.base import (
    Condition,
    ConditionKind,
    Groups,
    Tables,
    lost_words,
)
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import gene_reason
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.statement import Join, ReasonKind, Value
from epilepsy_pgx.vocabulary import SiteStatus


class Site(ConditionKind):
    """A base is carried at a curated position, on one copy or on both."""

    name = "site"
    of_results = True
    operators = ("carries", "homozygous")
    subject = "position of sites.tsv"
    value = "base of the plus strand"

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for a position whose bases are known."""
        known = row.about in tables.bases
        return None if known else "a site of site_alleles.tsv"

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for one base of the position."""
        bases = tables.bases.get(row.about, frozenset())
        expected = "one base of the site in site_alleles.tsv"
        if len(row.value) != 1:
            return expected
        return lost_words(row.value, bases, expected)

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Count the copies with the base."""
        subject, base = row.about, row.compared or ""
        need = 2 if row.operator == "homozygous" else 1

        def ask(facts: Facts, drug: str) -> Verdict:
            call = facts.sites.get(subject)
            if call is not None and call.status in (SiteStatus.CALLED, SiteStatus.REFERENCE):
                gene, bases = call.gene, call.alleles
            else:
                seen = sorted(facts.bases.get(subject, ()))
                gene, bases = "", (seen[0], seen[0]) if len(seen) == 1 else tuple(seen)
            if bases.count(base) < need:
                return NO
            if not gene:
                gene = next(
                    (
                        g
                        for g, r in facts.genes.items()
                        if any(s.site == subject and base in s.bases for s in r.genotypes)
                    ),
                    "",
                )
            shown = Value("bases", bases, join=Join.SLASH)
            reason = gene_reason(ReasonKind.SITE, gene, Value("site", (subject,)), shown)
            return Verdict(Truth.YES, (reason,))

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """The position must have a result."""
        return frozenset({f"site:{row.about}"})

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the positions with a result."""
        return (f"site:{site}" for site in (*facts.sites, *facts.bases))


KIND = Site()
