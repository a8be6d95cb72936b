"""Join results of other laboratories and programs with those called here."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import TypeVar

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.intake.hla import UNSURE, HlaTyping, TypedAllele
from epilepsy_pgx.intake.outside_tables import OutsideCall
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import (
    INDETERMINATE,
    PhenotypeTable,
    Resolved,
    allele_order,
    load_all_phenotypes,
)
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.vocabulary import Basis, CallMethod, GeneStatus

_Item = TypeVar("_Item")
_RESEARCH = "caveat-outside-call-research"
_UNDOCUMENTED = (
    "caveat-novel-loss-of-function",
    "caveat-novel-site-may-be-lost",
    "caveat-undocumented-variant",
    "caveat-variant-low-quality",
)
_CONFLICT = "caveat-outside-call-conflict"
_ALTERNATIVES = 6
"""Names that one HLA allele may have and that are all shown."""


def hla_result(gene: str, typing: HlaTyping | None, curated: Iterable[str]) -> GeneResult:
    """Say which curated alleles of a locus are present, absent, or neither.

    An allele is present if the typing names it without an alternative. It is absent only if an
    accredited laboratory typed both alleles at two fields and named neither.

    Parameters
    ----------
    curated
        Two-field names of the tables (`*15:02`).
    """
    if typing is None:
        return GeneResult(
            gene,
            GeneStatus.NOT_ASSESSED,
            Basis.NONE,
            (),
            0,
            (),
            (),
            caveats=("caveat-hla-not-typed",),
        )
    present, absent, caveats = [], [], []
    for name in sorted(set(curated)):
        two_field = name.lstrip("*")
        states = [_carries(allele, two_field) for allele in typing.alleles]
        if True in states:
            present.append(name)
        # Research typing from short reads misses alleles: it can show one, never rule one out.
        elif typing.clinical and states == [False, False]:
            absent.append(name)
    if not typing.clinical:
        caveats.append("caveat-hla-research-typing")
    if any(a is None or not a.two_field for a in typing.alleles):
        caveats.append("caveat-hla-low-resolution")
    if any(a is not None and len(a.two_field) > 1 for a in typing.alleles):
        caveats.append("caveat-hla-ambiguous")
    complete = typing.clinical and not caveats
    pairs = _pairs(typing, frozenset(curated))
    return GeneResult(
        gene,
        GeneStatus.COMPLETE if complete else GeneStatus.PARTIAL,
        Basis.TYPING,
        pairs,
        len(pairs),
        (),
        (),
        caveats=tuple(caveats),
        alleles_present=tuple(present),
        alleles_absent=tuple(absent),
    )


def _pairs(typing: HlaTyping, curated: frozenset[str]) -> tuple[Diplotype, ...]:
    """Return the pairs of alleles that a typing leaves possible.

    A rule that asks for an allele of some of them only is printed as conditional. Of many
    alternatives those that a rule may ask for are kept, and `*…` stands for the others.
    """
    shown = []
    for allele in typing.alleles:
        options = (UNSURE,) if allele is None else allele.options
        names = [name if name == UNSURE else f"*{name}" for name in options]
        if len(names) > _ALTERNATIVES:
            asked = [n for n in names if n in curated]
            names = [*asked, *(["*…"] if len(asked) < len(names) else [])]
        shown.append(names)
    return tuple(dict.fromkeys(map(Diplotype, product(shown[0], shown[1]))))


def _carries(allele: TypedAllele | None, name: str) -> bool | None:
    """Return whether an allele is this one; None if the typing does not say."""
    if allele is None:
        return None
    if not allele.two_field:
        # `B*15` alone may be B*15:02 or one of hundreds that carry no risk.
        open_ = UNSURE in allele.options or name.split(":")[0] in allele.first_fields
        return None if open_ else False
    if allele.two_field == (name,):
        # A null allele (suffix N) is not expressed: it presents nothing, and carries no risk.
        return not allele.null
    return None if name in allele.two_field else False


def add_outside_calls(
    results: Mapping[str, GeneResult], calls: Iterable[OutsideCall], ref: Reference
) -> dict[str, GeneResult]:
    """Replace gene results by outside calls; a contradiction keeps both in view.

    A laboratory's outside call wins, since it is asked for where reads see more than a VCF. A
    research program's call rules nothing out: the VCF's candidates stay. If none of the
    candidates is one of the VCF's, apart from what only copy numbers tell, all stay, so that the
    most cautious one decides, and the result carries `caveat-outside-call-conflict`; the same holds
    for a phenotype or score that none of the VCF's candidates has. A gene that
    the other place could not call keeps its own result, which is not complete then. What the VCF
    shows outside the named alleles holds for the outside call too.
    """
    joined = dict(results)
    methods = {r.gene: r.call_method for r in ref.rows(Gene)}
    tables = load_all_phenotypes(ref)
    for call in calls:
        own = joined.get(call.gene)
        if not call.called:
            joined[call.gene] = _not_called(call, own)
            continue
        table = tables[call.gene]
        made = _outside_result(call, methods[call.gene], table)
        if own is not None:
            made = _with_undocumented(made, own, table)
            made = _beside(made, own, table, research=call.research)
        joined[call.gene] = made
    return joined


def _beside(
    made: GeneResult, own: GeneResult, table: PhenotypeTable, *, research: bool
) -> GeneResult:
    """Return an outside result after a look at the genotype's own."""
    mine = set(own.diplotypes)
    if not mine and not own.unlisted:
        return made
    if not made.diplotypes:
        return _stated_beside(made, own, table)
    # With so much missing nearly every pair is open, so that agreement tells nothing.
    if own.unlisted:
        agrees = table.copies or _stated_beside(made, own, table) is made
        if agrees and not research:
            return made
        both = _keep_both(made, own, *(() if agrees else (_CONFLICT,)))
        both = replace(both, diplotypes=(), candidate_count=own.candidate_count, basis=own.basis)
        if not research:
            return both
        caveats = _distinct(own.caveats, (_RESEARCH,), () if agrees else (_CONFLICT,))
        return replace(both, status=own.status, caveats=caveats)
    # *1/*5 looks like *1/*1 in a file of small variants: that is no contradiction.
    seen = {_as_a_file_shows(d, table) for d in made.diplotypes}
    if not mine & {*made.diplotypes, *seen}:
        return _keep_both(made, own, _CONFLICT)
    if not research:
        return made
    if mine >= set(made.diplotypes) and set(own.phenotypes) >= set(made.phenotypes):
        return replace(own, caveats=_distinct(own.caveats, (_RESEARCH,)))
    return _keep_both(made, own)


def _stated_beside(made: GeneResult, own: GeneResult, table: PhenotypeTable) -> GeneResult:
    """Compare a phenotype or score that was stated without a diplotype."""
    if not own.phenotypes or not made.phenotypes:
        return made
    shown = [r for d in own.diplotypes for r in _with_copies(d, table)]
    words = {*own.phenotypes, *(r.phenotype for r in shown)}
    numbers = {*own.activity_scores, *(r.score for r in shown if r.score is not None)}
    scored = bool(made.activity_scores and numbers)
    if scored and numbers & set(made.activity_scores):
        return made
    if not scored and words & set(made.phenotypes) - {INDETERMINATE}:
        return made
    open_ = set(own.phenotypes) == {INDETERMINATE} or set(made.phenotypes) == {INDETERMINATE}
    return _keep_both(made, own, *(() if open_ else (_CONFLICT,)))


def _with_copies(diplotype: Diplotype, table: PhenotypeTable) -> list[Resolved]:
    """Return a diplotype of small variants, and those with other copy numbers that look alike."""
    if len(diplotype.alleles) != 2:
        return [table.resolve(diplotype.alleles)]
    first, second = diplotype.alleles
    sides = [(first, second)]
    if table.copies:
        sides += [(f"{first}x{n}", second) for n in (2, 3)]
        sides += [(first, f"{second}x{n}") for n in (2, 3)]
        # One copy left looks like two equal ones.
        if first == second:
            sides += [(first, gone) for gone in sorted(table.deletions)]
    return [table.resolve(pair) for pair in sides]


def _as_a_file_shows(diplotype: Diplotype, table: PhenotypeTable) -> Diplotype:
    """Return a diplotype as a file of small variants shows it.

    Such a file shows no number of copies, and beside a deleted copy the other one twice.
    """
    sides = diplotype.alleles
    if len(sides) != 2:
        return diplotype
    kept = [s for s in sides if s not in table.deletions] or sides
    bare = [table.without_copies(s) for s in (kept * 2)[:2]]
    return Diplotype(tuple(sorted(bare, key=allele_order)))


def _not_called(call: OutsideCall, own: GeneResult | None) -> GeneResult:
    """Return the result of a gene that another place tried and failed to call."""
    caveat = ("caveat-outside-call-none",)
    if own is None:
        return GeneResult(
            call.gene, GeneStatus.NOT_ASSESSED, Basis.NONE, (), 0, (), (), caveats=caveat
        )
    weak = own.status in (GeneStatus.COMPLETE, GeneStatus.AMBIGUOUS)
    return replace(
        own,
        status=GeneStatus.PARTIAL if weak else own.status,
        caveats=_distinct(own.caveats, caveat),
    )


def _with_undocumented(made: GeneResult, own: GeneResult, table: PhenotypeTable) -> GeneResult:
    """Add the VCF's variants that no allele has, which callers of named alleles pass over."""
    made = replace(
        made,
        undocumented=own.undocumented,
        caveats=_distinct(made.caveats, tuple(c for c in own.caveats if c in _UNDOCUMENTED)),
    )
    # Nothing is left to lose below the lowest phenotype.
    if not own.lost_function or (made.phenotypes and set(made.phenotypes) <= table.lowest):
        return made
    return replace(
        made,
        lost_function=True,
        activity_scores=(),
        phenotypes=(INDETERMINATE,) if made.phenotypes else (),
    )


def _keep_both(made: GeneResult, own: GeneResult, *caveats: str) -> GeneResult:
    added = len(set(made.diplotypes) - set(own.diplotypes))
    return replace(
        own,
        status=GeneStatus.PARTIAL,
        basis=made.basis,
        diplotypes=_distinct(made.diplotypes, own.diplotypes),
        candidate_count=own.candidate_count + added,
        phenotypes=_distinct(made.phenotypes, own.phenotypes),
        activity_scores=tuple(sorted({*made.activity_scores, *own.activity_scores})),
        functions=_distinct(made.functions, own.functions),
        caveats=_distinct(made.caveats, own.caveats, caveats),
    )


def _distinct(*groups: tuple[_Item, ...]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _outside_result(call: OutsideCall, method: CallMethod, table: PhenotypeTable) -> GeneResult:
    """Return what an outside call says, as it was stated.

    A statement of several forms keeps what each leaves possible: where the tables cannot read
    the diplotype, its phenotype stays open beside the stated one.
    """
    if method is CallMethod.TYPING:
        raise ValueError("HLA comes through the HLA file")
    made = [table.resolve(names) for names in call.candidates]
    phenotypes = [m.phenotype for m in made if m.phenotype is not None]
    scores = [m.score for m in made if m.score is not None]
    if call.activity_score is not None:
        scores.append(call.activity_score)
        phenotypes += table.phenotypes_of(call.activity_score)
    phenotypes += [call.phenotype] if call.phenotype is not None else []
    if not phenotypes and table.method != "none":
        phenotypes = [INDETERMINATE]
    diplotypes = _distinct(tuple(m.diplotype for m in made))
    unread = INDETERMINATE in phenotypes or not (diplotypes or table.words)
    unread |= not all(table.reads(name) for pair in call.candidates for name in pair)
    if not scores:  # a phenotype alone: the rules on scores need one
        unread |= any(len(table.scores_of(p)) > 1 for p in phenotypes)
    unsettled = call.research or unread or len(diplotypes) > 1
    caveats = ("caveat-outside-call", _RESEARCH) if call.research else ("caveat-outside-call",)
    return GeneResult(
        call.gene,
        GeneStatus.PARTIAL if unsettled else GeneStatus.COMPLETE,
        Basis.OUTSIDE_CALL,
        diplotypes,
        len(diplotypes),
        _distinct(tuple(phenotypes)),
        tuple(sorted(set(scores))),
        functions=_distinct(tuple(m.functions for m in made)),
        caveats=caveats,
    )
