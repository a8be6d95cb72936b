"""What the rare variants of one gene amount to, in a closed vocabulary.

Two independent questions are answered for each gene: which way its pathogenic variants push the
protein (direction), and how many copies of the gene they hit (alleles). Which answer matters
for a disease is a matter of the rules, not of this module.

Age at onset never changes a state: rules ask for it beside the state, so that it can only
qualify a missense variant whose direction nobody measured.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import Phase
from epilepsy_pgx.model import GeneCoverage, GeneResult, VariantFinding
from epilepsy_pgx.reference.conditions.reasons import describe_finding
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CIS_MEMBERS_BY_HAPLOTYPE
from epilepsy_pgx.statement import Reason
from epilepsy_pgx.vocabulary import (
    Classification,
    Direction,
    FindingState,
    GeneStatus,
    SiteStatus,
    Zygosity,
)


@dataclass(frozen=True)
class StateEvidence:
    """The variants that put a gene in one state."""

    findings: tuple[VariantFinding, ...]
    own_class: bool
    """True if the laboratory itself classified each of them."""
    sound: bool
    """True if each genotype passed the quality thresholds."""
    disputed: bool = False
    """True if a later class of one of them says otherwise."""

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """The variants as reasons."""
        return tuple(map(describe_finding, self.findings))


_PATHOGENIC_STATES = (
    FindingState.LOF_PLP,
    FindingState.GOF_TESTED_PLP,
    FindingState.NOT_DETERMINED_PLP,
    FindingState.CONFLICTING_DIRECTION,
)
"""States of a gene with a pathogenic variant."""


@dataclass(frozen=True, slots=True)
class GeneFinding:
    """The states of one gene."""

    gene: str
    status: GeneStatus
    states: tuple[tuple[FindingState, StateEvidence], ...]
    whole: tuple[VariantFinding, ...] = ()
    """The variants behind the states with all their classes, where each state shows one class."""

    @property
    def pathogenic(self) -> bool:
        """True if a variant of the gene counts as pathogenic, in whatever number of copies."""
        return any(state in _PATHOGENIC_STATES and evidence for state, evidence in self.states)

    def get(self, state: str) -> StateEvidence | None:
        """Return the variants behind a state, or None if the gene is not in it."""
        for known, evidence in self.states:
            if known == state:
                return evidence
        return None


@dataclass(frozen=True, slots=True)
class CisHaplotype:
    """Variants that are known to sit on one chromosome and count as one allele."""

    name: str
    gene: str
    members: tuple[frozenset[str], ...]
    """For each variant, every spelling by which a finding may name it."""

    def place(self, finding: VariantFinding) -> int | None:
        """Return which member a finding is, or None."""
        names = {n for n in (finding.hgvs_p, finding.hgvs_c, finding.curated_id) if n}
        names |= {n.split(":", 1)[1] for n in names if ":" in n}
        # p.(Thr251Ile) and p.Thr251Ile are one name.
        names |= {n.replace("(", "").replace(")", "") for n in names}
        names.add(str(finding.key))
        for index, member in enumerate(self.members):
            if member & names:
                return index
        return None


def load_cis_haplotypes(ref: Reference) -> dict[str, tuple[CisHaplotype, ...]]:
    """Return the known cis haplotypes by gene."""
    found: dict[str, list[CisHaplotype]] = {}
    for (name, gene), rows in ref.grouped(CIS_MEMBERS_BY_HAPLOTYPE).items():
        members = tuple(
            frozenset(x for x in (r.hgvs_p, r.hgvs_c, r.grch38, r.grch37) if x is not None)
            for r in rows
        )
        found.setdefault(gene, []).append(CisHaplotype(name, gene, members))
    return {gene: tuple(items) for gene, items in found.items()}


_PATHOGENIC = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)
_BENIGN = (Classification.BENIGN, Classification.LIKELY_BENIGN)
_OPEN = (Classification.NOT_CLASSIFIED, Classification.CONFLICTING)
_EVERY_COPY = (Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS)
_SOUND = (SiteStatus.CALLED, SiteStatus.REFERENCE)
_UNSEEN = (SiteStatus.NO_CALL, SiteStatus.NOT_ASSESSED, SiteStatus.REF_MISMATCH)


def is_pathogenic(finding: VariantFinding) -> bool:
    """Say whether anyone's undisputed class is pathogenic or likely pathogenic."""
    return finding.classification in _PATHOGENIC


def is_own_class(finding: VariantFinding) -> bool:
    """Say whether the laboratory itself gave the class."""
    return any(r.act and r.classification in _PATHOGENIC for r in finding.classifications)


def is_predicted_loss(finding: VariantFinding) -> bool:
    """Say whether a variant without a class destroys the protein by its consequence."""
    return (
        finding.truncating
        and finding.classification in _OPEN
        and finding.direction in (Direction.LOSS, Direction.NOT_DETERMINED)
    )


def _in_cis(first: VariantFinding, second: VariantFinding, known: bool) -> bool:
    """Say whether two variants count as one allele: phased so, or known so and not phased."""
    phase = first.phase_with(second)
    return known if phase is Phase.UNKNOWN else phase is Phase.TOGETHER


def count_alleles(
    findings: Sequence[VariantFinding], haplotypes: Sequence[CisHaplotype] = ()
) -> int:
    """Return on how many copies of a gene some variants lie: 0, 1 or 2.

    A homozygous or hemizygous variant fills every copy. Two different variants count as two
    copies unless the input phases them together or a table knows them as one haplotype; the
    direction of the error is a warning too many.

    Parameters
    ----------
    findings
        Variants of one gene of one sample.
    haplotypes
        The gene's known cis haplotypes.
    """
    if not findings:
        return 0
    if any(f.zygosity in _EVERY_COPY for f in findings):
        return 2
    first = findings[0]
    for other in findings[1:]:
        known = any(_are_members(h, first, other) for h in haplotypes)
        if not _in_cis(first, other, known):
            return 2
    return 1


@dataclass(frozen=True, slots=True)
class AssumedCis:
    """Two variants that were counted as one allele because a table knows them as one."""

    gene: str
    findings: tuple[VariantFinding, VariantFinding]


def assumed_cis(
    findings: Sequence[VariantFinding], haplotypes: Mapping[str, tuple[CisHaplotype, ...]]
) -> tuple[AssumedCis, ...]:
    """Return the pairs of heterozygous variants whose place on one chromosome is not shown.

    Pairs without a variant that may be pathogenic are left out: nothing hangs on them.
    """
    found = []
    for index, first in enumerate(findings):
        for second in findings[index + 1 :]:
            pair = (first, second)
            known = any(_are_members(h, *pair) for h in haplotypes.get(first.gene, ()))
            if (
                known
                and first.gene == second.gene
                and pair[0].phase_with(pair[1]) is Phase.UNKNOWN
                and not any(f.classification in _BENIGN or f.status in _UNSEEN for f in pair)
                and not any(f.zygosity in _EVERY_COPY for f in pair)
                and any(is_pathogenic(f) or is_predicted_loss(f) for f in pair)
            ):
                found.append(AssumedCis(first.gene, pair))
    return tuple(found)


def _are_members(haplotype: CisHaplotype, first: VariantFinding, second: VariantFinding) -> bool:
    one, two = haplotype.place(first), haplotype.place(second)
    return one is not None and two is not None and one != two


def _evidence(findings: Sequence[VariantFinding]) -> StateEvidence:
    return StateEvidence(
        tuple(findings),
        all(is_own_class(f) for f in findings),
        all(f.status in _SOUND for f in findings),
        any(f.disputed for f in findings),
    )


def _direction_state(finding: VariantFinding) -> FindingState:
    match finding.direction:
        case Direction.LOSS:
            return FindingState.LOF_PLP
        case Direction.GAIN:
            return FindingState.GOF_TESTED_PLP
        case Direction.MIXED | Direction.CONFLICTING:
            return FindingState.CONFLICTING_DIRECTION
    return FindingState.LOF_PLP if finding.truncating else FindingState.NOT_DETERMINED_PLP


def _allele_states(
    gene_findings: Sequence[VariantFinding], haplotypes: Sequence[CisHaplotype]
) -> dict[FindingState, StateEvidence]:
    """Return the states that count copies."""
    plp = [f for f in gene_findings if is_pathogenic(f)]
    loss = [f for f in gene_findings if is_predicted_loss(f)]
    states: dict[FindingState, StateEvidence] = {}
    copies = count_alleles(plp, haplotypes)
    if copies == 2:
        own = [f for f in plp if is_own_class(f)]
        # If the laboratory's own classes give two copies, others do not weaken the state.
        enough = own if count_alleles(own, haplotypes) == 2 else plp
        states[FindingState.BIALLELIC_PLP] = _evidence(enough)
        return states
    if copies == 1:
        x_linked = plp[0].key.chrom == "X"
        one = FindingState.X_LINKED_HETEROZYGOUS_PLP if x_linked else FindingState.MONOALLELIC_PLP
        states[one] = _evidence(plp)
    # Beside a pathogenic variant, any that is not benign may be the second hit.
    others = [f for f in gene_findings if f.classification not in _BENIGN] if plp else loss
    if count_alleles(others, haplotypes) == 2 or any(
        f.zygosity is Zygosity.UNKNOWN for f in (*plp, *loss)
    ):
        states[FindingState.BIALLELIC_POSSIBLE] = _evidence(others)
    return states


def _gene_status(
    gene: str, coverage: Mapping[str, GeneCoverage], genes: Mapping[str, GeneResult]
) -> GeneStatus:
    if gene in coverage:
        read = coverage[gene]
        # Known variants were read and are absent: more than nothing, less than a negative.
        return GeneStatus.PARTIAL if read.read_at_listed else read.status
    result = genes.get(gene)
    if result is None:
        return GeneStatus.NOT_ASSESSED
    # A gene read only at listed sites is never a negative result.
    return GeneStatus.PARTIAL if result.status is GeneStatus.COMPLETE else result.status


@lru_cache(maxsize=4096)
def _nothing_found(gene: str, status: GeneStatus) -> GeneFinding:
    """Return the state of a gene without variants, which is only as good as its reading."""
    state = {
        GeneStatus.COMPLETE: FindingState.NONE_FOUND,
        GeneStatus.NOT_ASSESSED: FindingState.NOT_ASSESSED,
        GeneStatus.NOT_REPORTABLE: FindingState.NOT_ASSESSED,
    }.get(status, FindingState.PARTIAL)
    return GeneFinding(gene, status, ((state, StateEvidence((), True, True)),))


def assess_gene(
    gene: str,
    findings: Sequence[VariantFinding],
    status: GeneStatus,
    haplotypes: Sequence[CisHaplotype] = (),
) -> GeneFinding:
    """Return the states of one gene.

    Where a later class differs from the one that stands, the gene is in the states of both: each
    may warn, and neither supports a drug.

    Parameters
    ----------
    gene
        Symbol.
    findings
        The gene's variants in one sample; those of other genes are ignored.
    status
        How far the gene was read.
    haplotypes
        The gene's known cis haplotypes.
    """
    named = [f for f in findings if f.gene == gene]
    if any(f.later for f in named):
        return _assess_both(gene, named, status, haplotypes)
    return _assess(gene, named, status, haplotypes)


def _assess(
    gene: str,
    named: Sequence[VariantFinding],
    status: GeneStatus,
    haplotypes: Sequence[CisHaplotype],
) -> GeneFinding:
    """Return the states of one gene, each variant with the one class that it has."""
    own = [f for f in named if f.status not in _UNSEEN]
    # A variant whose genotype is unknown leaves the gene incomplete.
    if len(own) < len(named) and status is GeneStatus.COMPLETE:
        status = GeneStatus.PARTIAL
    if not own:
        return _nothing_found(gene, status)
    if status is GeneStatus.NOT_ASSESSED:
        # Something was read in it, at a known position at least.
        status = GeneStatus.PARTIAL
    groups: dict[FindingState, list[VariantFinding]] = {}
    for finding in own:
        if is_pathogenic(finding):
            state = _direction_state(finding)
            groups.setdefault(state, []).append(finding)
            if finding.truncating and state is FindingState.LOF_PLP and not is_own_class(finding):
                # A class that is not the laboratory's own is not less than no class at all.
                groups.setdefault(FindingState.LOF_PREDICTED, []).append(finding)
        elif is_predicted_loss(finding):
            groups.setdefault(FindingState.LOF_PREDICTED, []).append(finding)
        elif finding.classification in _BENIGN:
            groups.setdefault(FindingState.BENIGN_ONLY, []).append(finding)
        elif finding.classification is Classification.CONFLICTING:
            groups.setdefault(FindingState.CONFLICTING_CLASS, []).append(finding)
        else:
            groups.setdefault(FindingState.VUS, []).append(finding)
        if finding.direction is Direction.GAIN and not is_pathogenic(finding):
            if finding.classification not in _BENIGN:
                groups.setdefault(FindingState.GOF_TESTED_UNCLASSIFIED, []).append(finding)
    states = {state: _evidence(items) for state, items in groups.items()}
    states |= _allele_states(own, haplotypes)
    if len(groups) > 1:
        states.pop(FindingState.BENIGN_ONLY, None)
    order = list(FindingState)
    return GeneFinding(
        gene, status, tuple(sorted(states.items(), key=lambda item: order.index(item[0])))
    )


def _assess_both(
    gene: str,
    findings: Sequence[VariantFinding],
    status: GeneStatus,
    haplotypes: Sequence[CisHaplotype],
) -> GeneFinding:
    """Return the states of a gene with the classes that stand, and with the later ones."""
    found: dict[FindingState, StateEvidence] = {}
    status_of = status
    for later in (False, True):
        seen = [replace(f, classifications=f.later if later and f.later else f.standing)
                for f in findings]  # fmt: skip
        one = _assess(gene, seen, status, haplotypes)
        status_of = one.status
        for state, evidence in one.states:
            whole = [f for f, s in zip(findings, seen, strict=True) if s in evidence.findings]
            disputed = any(f.disputed for f in whole)
            found.setdefault(state, replace(evidence, disputed=disputed))
    if len(found) > 1:
        found.pop(FindingState.BENIGN_ONLY, None)
    shown = {f.key for evidence in found.values() for f in evidence.findings}
    order = list(FindingState)
    return GeneFinding(
        gene,
        status_of,
        tuple(sorted(found.items(), key=lambda item: order.index(item[0]))),
        tuple(f for f in findings if f.key in shown),
    )


def assess_genes(
    wanted: Sequence[str],
    findings: Sequence[VariantFinding],
    coverage: Mapping[str, GeneCoverage],
    genes: Mapping[str, GeneResult],
    haplotypes: Mapping[str, tuple[CisHaplotype, ...]],
) -> dict[str, GeneFinding]:
    """Return the states of every wanted gene, and of every gene that has a finding."""
    by_gene: dict[str, list[VariantFinding]] = {}
    for finding in findings:
        by_gene.setdefault(finding.gene, []).append(finding)
    return {
        gene: assess_gene(
            gene,
            by_gene.get(gene, ()),
            _gene_status(gene, coverage, genes),
            haplotypes.get(gene, ()),
        )
        for gene in sorted({*wanted, *by_gene})
    }
