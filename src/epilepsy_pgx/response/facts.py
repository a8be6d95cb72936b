"""Everything about one patient that a rule may be asked to look at."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, TypedDict

from epilepsy_pgx.clinical_entry import SINCE_ONSET, may_conceive, months_since_onset
from epilepsy_pgx.frozen import dataclass, field, replace
from epilepsy_pgx.model import (
    ClinicalEntry,
    DrugExposure,
    FailedDrug,
    GeneCoverage,
    GeneResult,
    SiteCall,
    VariantFinding,
)
from epilepsy_pgx.reference.conditions.patient import PERHAPS
from epilepsy_pgx.reference.conditions.registry import KINDS
from epilepsy_pgx.reference.phenotypes import PhenotypeTable
from epilepsy_pgx.response.candidates import GeneCandidates, widen
from epilepsy_pgx.response.equivalents import NOTHING_ELSE, Equivalents, Heard, entered, with_others
from epilepsy_pgx.response.forms import TextForms
from epilepsy_pgx.response.monogenic import CisHaplotype, GeneFinding, assess_genes
from epilepsy_pgx.vocabulary import Exposure, FailureReason, Sex, Transplant

EARLY_MONTHS = 3
"""A drug tolerated for longer than this many months has passed the usual window of reactions."""

RECENT_DAYS = 7
"""A seizure of so many days before the entry is one of now."""

_FREE_MONTHS = 12
REACTIONS = (FailureReason.SEVERE_SKIN, FailureReason.LIVER, FailureReason.PANCREATITIS)
"""Reasons after which a drug is never given again."""

_WORKED_OUT = {
    "bases": ("genes",),
    "pathogenic_genes": ("findings",),
    "has_pathogenic": ("findings",),
    "result_keys": ("genes", "findings", "sites"),
}
"""What of the facts is worked out of results alone, and of which."""

OTHERS_ORGANS = (Transplant.BONE_MARROW, Transplant.LIVER)
"""Transplants after which a genotype from blood may not be that of the metabolising liver."""
_NOT_TAKEN = "not_taken"
"""Word of the entry for doses that are not taken."""


def named_drug(item: DrugExposure | FailedDrug) -> str:
    """Return the drug an entry names, or the one it probably means if the tables lack the word.

    For warnings only: a misspelt name must not lose a past reaction.
    """
    if item.known or item.suggestion is None:
        return item.drug
    return item.suggestion.drug


def month_index(date: str) -> tuple[int, int]:
    """Return (months since year 0, day) of an ISO date."""
    year, month, day = (int(part) for part in date.split("-"))
    return year * 12 + month - 1, day


def exposure_of(drug: str, clinical: ClinicalEntry, same: Collection[str] = ()) -> Exposure:
    """Return a patient's history with a drug, as of the date of the clinical entry.

    No clock is read. A start without a date, or an entry without one, is `start unknown`, which
    every rule treats like a recent start; a drug nobody mentions counts as never taken. A drug
    that is taken although a rash on it is on record was never tolerated, and one of which the
    doses are not taken has been tolerated by nobody yet. A name that the tables do not know
    counts as the drug it probably means, with an unknown start. Drugs that are the `same` in the
    body share their reactions.
    """
    given_up = drug in {named_drug(f) for f in clinical.failed or ()}
    alike = {f.reason for f in clinical.failed or () if named_drug(f) in (drug, *same)}
    # A severe reaction outlives everything: taking it again does not undo it.
    if not alike.isdisjoint(REACTIONS):
        return Exposure.REACTION
    current = [d for d in clinical.current or () if d.drug == drug]
    if not current:
        if any(not d.known and named_drug(d) == drug for d in clinical.current or ()):
            return Exposure.TAKING_UNKNOWN
        return Exposure.STOPPED if given_up else Exposure.NAIVE
    # A list may name a drug twice, as tablet and as infusion: the later start is the one at risk.
    starts = [d.start for d in current]
    if clinical.entry_date is None or any(s is None for s in starts):
        return Exposure.TAKING_UNKNOWN
    untested = FailureReason.RASH in alike or clinical.adherence == _NOT_TAKEN
    latest = max(str(s) for s in starts)
    start, first_day = month_index(latest)
    now, day = month_index(clinical.entry_date)
    # Calendar months, not days divided by thirty: 30 November to 28 February is not three months.
    full_months = now - start - (day < first_day)
    if full_months > EARLY_MONTHS or (full_months == EARLY_MONTHS and day > first_day):
        return Exposure.TAKING_UNKNOWN if untested else Exposure.TAKING_TOLERATED
    return Exposure.TAKING_EARLY


def free_under(drug: str, clinical: ClinicalEntry) -> bool:
    """Say whether a drug was taken for a year or longer, and no seizure came in that time."""
    now, last = clinical.entry_date, clinical.last_seizure
    starts = [d.start for d in clinical.current or () if d.drug == drug]
    if now is None or last is None or clinical.seizures_per_month or not all(starts):
        return False
    return _full_months(max(last, *(str(start) for start in starts)), now) >= _FREE_MONTHS


def taken_lately(drug: str, clinical: ClinicalEntry) -> bool:
    """Say whether a drug is known to be taken for less than a year."""
    now = clinical.entry_date
    starts = [d.start for d in clinical.current or () if d.drug == drug]
    if now is None or not starts:
        return False
    return all(s is not None and _full_months(s, now) < _FREE_MONTHS for s in starts)


def _full_months(since: str, until: str) -> int:
    (start, first_day), (end, day) = month_index(since), month_index(until)
    return end - start - (day < first_day)


@dataclass(frozen=True)
class PatientFacts:
    """One patient as the rules see them."""

    genes: Mapping[str, GeneCandidates]
    findings: Mapping[str, GeneFinding]
    sites: Mapping[str, SiteCall]
    clinical: ClinicalEntry
    current: frozenset[str]
    """Known drugs of the medication list."""
    failed: Mapping[FailureReason, frozenset[str]]
    computed: Mapping[str, str] = field(default_factory=dict)
    """Words that other parts of the response stage have worked out, such as `resistance`."""
    exposures: Mapping[str, Exposure] = field(default_factory=dict)
    """Histories with the drugs that the entry names; any other was never taken."""
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By drug, the signs that the entry lays to it."""
    stopping: frozenset[str] = frozenset()
    """Drugs that are taken under signs for which a rule says: stop now."""
    planned: frozenset[str] = frozenset()
    """Drugs that may be started and are not taken; a name that no table knows counts as the drug
    that it probably means."""
    effects: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By sign, the kinds of harm of which it is a sign."""
    coverage: Mapping[str, GeneCoverage] = field(default_factory=dict)
    forms: TextForms = field(default_factory=TextForms)
    """What is said instead of a text to a patient like this."""
    equivalents: Equivalents = NOTHING_ELSE
    """Words of the clinical entry that are heard in another column too."""
    _earlier: "PatientFacts | None" = field(default=None, init=False, repr=False, compare=False)
    """The patient before the last words were computed; a copy with other changes forgets it."""

    @cached_property
    def bases(self) -> dict[str, frozenset[str]]:
        """Bases of curated variants by site, from genes without named alleles."""
        found: dict[str, set[str]] = {}
        for gene in self.genes.values():
            for one in gene.genotypes:
                found.setdefault(one.site, set()).update(one.bases)
        return {site: frozenset(bases) for site, bases in found.items()}

    @cached_property
    def keys(self) -> frozenset[str]:
        """What the patient has, as words that rules are indexed by."""
        if self._earlier is not None:
            return self._earlier.keys.union(KINDS["computed"].keys(self))
        entered = (kind.keys(self) for kind in KINDS.values() if not kind.of_results)
        return self.result_keys.union(*entered)

    @cached_property
    def result_keys(self) -> frozenset[str]:
        """Those of the keys that the results give, whatever the clinical entry says."""
        return frozenset().union(*(k.keys(self) for k in KINDS.values() if k.of_results))

    @property
    def list_given(self) -> bool:
        """True if the medication list was given, even an empty one."""
        return self.clinical.current is not None

    @cached_property
    def pathogenic_genes(self) -> int:
        """Genes in which a variant that counts as pathogenic was found."""
        return sum(one.pathogenic for one in self.findings.values())

    @cached_property
    def has_pathogenic(self) -> bool:
        """True if a variant that counts as pathogenic was found, in whatever number of copies."""
        return self.pathogenic_genes > 0

    def form(self, text_id: str, drug: str) -> str:
        """Return what a text of a row is for this patient.

        Parameters
        ----------
        drug
            The drug that it is about; a word that is no drug for a text about none.
        """
        said = self.forms.under(text_id, self.present)
        if said in self.forms.kin and self.equivalents.kin_alone(drug, self.failed):
            said = self.forms.kin[said]
        if self.has_pathogenic:
            said = self.forms.variant.get(said, said)
        if self.clinical.current == ():
            said = self.forms.unmedicated.get(said, said)
        if self.takes(drug):
            if said in self.forms.free and free_under(drug, self.clinical):
                return self.forms.free[said]
            if said in self.forms.lately and taken_lately(drug, self.clinical):
                return self.forms.lately[said]
            return self.forms.in_use(said)
        known = self.list_given and not self.may_take(drug)
        return self.forms.not_taken.get(said, said) if known else said

    @cached_property
    def signs(self) -> tuple[str, ...]:
        """Everything that the patient has now, laid to a drug or not."""
        laid = (word for words in self.reactions.values() for word in words)
        return tuple(dict.fromkeys((*self.clinical.signs, *laid)))

    @cached_property
    def present(self) -> tuple[str, ...]:
        """Signs of now, and the conditions beside which a text is another one.

        A condition that is only possible keeps its question mark.
        """
        words = self.clinical_value("syndrome")
        entered = words if isinstance(words, tuple) else ()
        asked = self.forms.beside
        return (*self.signs, *(w for w in entered if w.removesuffix(PERHAPS) in asked))

    @property
    def recent_seizure(self) -> str | None:
        """The day of the last seizure, if it came in the week before the day of the entry."""
        last, now = self.clinical.last_seizure, self.clinical.entry_date
        if last is None or now is None:
            return None
        days = (date.fromisoformat(now) - date.fromisoformat(last)).days
        return last if 0 <= days <= RECENT_DAYS else None

    def reacts(self, drug: str, effect: str) -> bool:
        """Say whether a drug is taken under signs now of one kind of harm."""
        return self.takes(drug) and self._shows(effect)

    def may_react(self, drug: str, effect: str) -> bool:
        """Say whether a drug that may be taken, for all the entry says, goes with such signs."""
        unknown = not self.list_given or self.may_take(drug)
        return unknown and not self.takes(drug) and self._shows(effect)

    def _shows(self, effect: str) -> bool:
        # A sign that somebody lays to another drug may still be one of this.
        return any(effect in self.effects.get(word, frozenset()) for word in self.signs)

    def exposure(self, drug: str) -> Exposure:
        """Return the patient's history with a drug."""
        if drug in self.stopping:
            return Exposure.REACTION
        return self.exposures.get(drug, Exposure.NAIVE)

    def changed(self, **parts: Any) -> "PatientFacts":
        """Return the facts with other parts; what was worked out of those that stay is kept."""
        made = _copy(self, parts)
        for name, of in _WORKED_OUT.items():
            if name in self.__dict__ and parts.keys().isdisjoint(of):
                made.__dict__[name] = self.__dict__[name]
        return made

    def with_finding(self, found: GeneFinding) -> "PatientFacts":
        """Return the facts with other states of a gene."""
        before = self.findings.get(found.gene)
        made = self.changed(findings={**self.findings, found.gene: found})
        genes = self.pathogenic_genes - (before is not None and before.pathogenic)
        made.__dict__["pathogenic_genes"] = genes + found.pathogenic
        return made

    def with_stopping(self, drugs: Collection[str]) -> "PatientFacts":
        """Return the facts when some drugs, besides earlier ones, must be stopped now."""
        return self.changed(stopping=self.stopping.union(drugs)) if drugs else self

    def with_computed(self, words: Mapping[str, str]) -> "PatientFacts":
        """Return the facts with words that were worked out of them."""
        told = self.changed(computed={**self.computed, **words})
        # Of all kinds of condition only `computed` asks for these words.
        object.__setattr__(told, "_earlier", self)
        return told

    def takes(self, drug: str) -> bool:
        """Say whether the medication list names a drug."""
        return drug in self.current

    def has_failed(self, drug: str) -> bool:
        """Say whether a trial of a drug failed that the entry does not call inadequate."""
        return any(
            named_drug(item) == drug
            and item.reason is not FailureReason.INADEQUATE_TRIAL
            and item.adequate is not False
            for item in self.clinical.failed or ()
        )

    def may_take(self, drug: str) -> bool:
        """Say whether a name that the tables do not know probably means a drug."""
        return any(
            not item.known and named_drug(item) == drug for item in self.clinical.current or ()
        )

    def rash_while_taking(self, drug: str) -> bool:
        """Say whether a drug is taken on which a rash is on record."""
        return self.takes(drug) and bool(self.given_up(drug, FailureReason.RASH))

    def given_up(self, drug: str, reason: FailureReason) -> frozenset[str]:
        """Return which of the drugs that are this one in the body were given up for a reason."""
        return self.failed.get(reason, frozenset()) & self.equivalents.same(drug)

    def clinical_value(self, name: str) -> tuple[str, ...] | Decimal | None:
        """Return a field of the clinical entry for a condition; None if it was not given.

        Words come as a tuple (several for syndromes), measurements as numbers. What is entered
        elsewhere and means the same is among them; if it may mean it, with a question mark.
        """
        known = self._values
        if name not in known:
            known[name] = with_others(self.entered(name), self._elsewhere.get(name, ()))
        return known[name]

    @cached_property
    def _values(self) -> dict[str, tuple[str, ...] | Decimal | None]:
        return {}

    def entered(self, name: str) -> tuple[str, ...] | Decimal | None:
        """Return what is entered in a field itself; None if it was not given."""
        if name == "sign":
            return self.signs or None
        if name == "childbearing":
            return self._childbearing()
        if name == SINCE_ONSET:
            return months_since_onset(self.clinical)
        return entered(self.clinical, name)

    @cached_property
    def _elsewhere(self) -> Mapping[str, tuple[Heard, ...]]:
        """By field, what others say of it."""
        return self.equivalents.of(self.clinical)

    def heard_from(self, name: str, word: str) -> tuple[str, str] | None:
        """Return the field and the word that say a word of another field; None if it is its own."""
        for heard, column, said in self._elsewhere.get(name, ()):
            if heard == word:
                return column, said
        return None

    def _childbearing(self) -> tuple[str, ...]:
        """Whether the patient can become pregnant, as far as the entry says.

        `pregnant` is she who is, of whom other things are said than of those who can become so;
        `possible` is a female of 10 to 55 years, or of unknown age, whose entry is silent;
        `unknown` is an entry without a sex.
        """
        entry = self.clinical
        if entry.pregnant:
            return ("pregnant",)
        if entry.pregnancy_potential:
            return ("yes",)
        if entry.pregnancy_potential is False or entry.sex is Sex.MALE:
            return ("no",)
        if entry.sex is None:
            return ("unknown",)
        return ("possible",) if may_conceive(entry) else ("no",)


_FIELDS = PatientFacts.__match_args__


def _copy(facts: PatientFacts, parts: Mapping[str, Any]) -> PatientFacts:
    """Return facts with other parts, as `replace` does: asked so often that its way is too long."""
    made = object.__new__(PatientFacts)
    known = facts.__dict__
    made.__dict__.update({name: known[name] for name in _FIELDS}, _earlier=None)
    made.__dict__.update(parts)
    return made


@dataclass(frozen=True, slots=True)
class FactTables:
    """What the tables say of how results are read as facts."""

    monogenic: Sequence[str]
    """Genes that the rules ask for by finding."""
    haplotypes: Mapping[str, tuple[CisHaplotype, ...]]
    """Known cis haplotypes by gene."""
    effects: Mapping[str, frozenset[str]]
    """By sign, the kinds of harm of which it is a sign."""
    phenotypes: Mapping[str, PhenotypeTable]
    """By gene, how its named alleles combine."""
    forms: TextForms
    """What is said instead of texts of drugs in use, and under signs."""
    equivalents: Equivalents = NOTHING_ELSE
    """Words of the clinical entry that are heard in another column too."""


def gather_facts(
    genes: Mapping[str, GeneResult],
    findings: Sequence[VariantFinding],
    coverage: Mapping[str, GeneCoverage],
    clinical: ClinicalEntry,
    tables: FactTables,
) -> PatientFacts:
    """Return the facts of one patient.

    Parameters
    ----------
    genes, findings, coverage
        Results of the calling stage.
    clinical
        The clinical entry.
    tables
        How results are read as facts.
    """
    return PatientFacts(
        genes={name: _candidates(r, tables.phenotypes.get(name)) for name, r in genes.items()},
        findings=assess_genes(tables.monogenic, findings, coverage, genes, tables.haplotypes),
        sites={site.site: site for result in genes.values() for site in result.sites},
        effects=tables.effects,
        coverage=coverage,
        forms=tables.forms,
        equivalents=tables.equivalents,
        **_of_entry(clinical, tables.equivalents),
    )


def _candidates(result: GeneResult, table: PhenotypeTable | None) -> GeneCandidates:
    # Of patients who differ in depths alone the candidates are one object.
    return widen(replace(result, sites=()) if result.sites else result, table)


class _Entered(TypedDict):
    """What of the facts follows from the clinical entry alone."""

    clinical: ClinicalEntry
    current: frozenset[str]
    planned: frozenset[str]
    failed: Mapping[FailureReason, frozenset[str]]
    exposures: Mapping[str, Exposure]
    reactions: Mapping[str, tuple[str, ...]]


def _of_entry(clinical: ClinicalEntry, alike: Equivalents) -> _Entered:
    failed: dict[FailureReason, set[str]] = {}
    for item in clinical.failed or ():
        if item.known or item.reason in (*REACTIONS, FailureReason.RASH):
            failed.setdefault(item.reason, set()).add(named_drug(item))
    current = frozenset(d.drug for d in clinical.current or () if d.known)
    return _Entered(
        clinical=clinical,
        current=current,
        planned=frozenset(d.drug for d in clinical.planned or () if d.known) - current,
        failed={reason: frozenset(drugs) for reason, drugs in failed.items()},
        exposures={d: exposure_of(d, clinical, alike.same(d)) for d in _named(clinical, alike)},
        reactions=_reactions(clinical),
    )


def with_entry(facts: PatientFacts, clinical: ClinicalEntry) -> PatientFacts:
    """Return the facts of the same results beside another clinical entry."""
    parts = _of_entry(clinical, facts.equivalents)
    return facts.changed(**parts, stopping=frozenset(), computed={})


def beside_results(entered: PatientFacts, results: PatientFacts) -> PatientFacts:
    """Return the clinical entry of one patient beside the results of another."""
    parts = {
        "genes": results.genes,
        "findings": results.findings,
        "sites": results.sites,
        "coverage": results.coverage,
    }
    made = _copy(entered, parts)
    for name in _WORKED_OUT:
        if name in results.__dict__:
            made.__dict__[name] = results.__dict__[name]
    return made


def _named(clinical: ClinicalEntry, alike: Equivalents) -> list[str]:
    """Return the drugs that an entry names, those that a name of it may mean, and their kin."""
    items: list[DrugExposure | FailedDrug] = [*(clinical.current or ()), *(clinical.failed or ())]
    named = {name for item in items for name in (item.drug, named_drug(item))}
    return sorted(named.union(*map(alike.same, named)))


def _reactions(clinical: ClinicalEntry) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in filter(lambda drug: drug.reaction, clinical.current or ()):
        name = named_drug(item)
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), *item.reaction)))
    return found
