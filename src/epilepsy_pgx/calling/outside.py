"""Join results made elsewhere with those called here."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from epilepsy_pgx.calling.diplotypes import allele_order
from epilepsy_pgx.calling.phenotypes import INDETERMINATE, PhenotypeTable, load_phenotypes
from epilepsy_pgx.intake.outside import HlaTyping, OutsideCall, TypedAllele
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.package import Reference, Row
from epilepsy_pgx.vocabulary import CallMethod, GeneStatus

_Item = TypeVar("_Item")
_COPIES = re.compile(r"(\*[^x≥>]+)(x?(?:≥|>=)|x)(\d+)")
_SUBALLELE = re.compile(r"(\*\d+)\.\d{3}")
"""PharmVar's name of a suballele, which has the function of its core allele."""
_NO_FUNCTION = "No function"
_RESEARCH = "caveat-outside-call-research"
_UNDOCUMENTED = (
    "caveat-novel-loss-of-function", "caveat-novel-site-may-be-lost",
    "caveat-undocumented-variant", "caveat-variant-low-quality",
)
_NOTHING_LEFT = frozenset({"Poor Metabolizer", "Poor Function"})
"""Phenotypes that the loss of one more copy does not change."""


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
            gene, GeneStatus.NOT_ASSESSED, "none", (), 0, (), (), caveats=("caveat-hla-not-typed",)
        )
    present, absent, caveats = [], [], []
    for name in sorted(set(curated)):
        two_field = name.lstrip("*")
        states = [_carries(allele, two_field) for allele in typing.alleles]
        if True in states:
            present.append(name)
        elif typing.clinical and states == [False, False]:
            absent.append(name)
    if not typing.clinical:
        caveats.append("caveat-hla-research-typing")
    if any(a is None or not a.two_field for a in typing.alleles):
        caveats.append("caveat-hla-low-resolution")
    if any(a is not None and len(a.two_field) > 1 for a in typing.alleles):
        caveats.append("caveat-hla-ambiguous")
    complete = typing.clinical and not caveats
    shown = "/".join("?" if a is None else f"*{a.entered.split('*')[-1]}" for a in typing.alleles)
    return GeneResult(
        gene, GeneStatus.COMPLETE if complete else GeneStatus.PARTIAL, "HLA typing", (shown,), 1,
        (), (), caveats=tuple(caveats), alleles_present=tuple(present),
        alleles_absent=tuple(absent),
    )


def _carries(allele: TypedAllele | None, name: str) -> bool | None:
    """Return whether an allele is this one; None if the typing does not say."""
    if allele is None:
        return None
    if not allele.two_field:
        return None if name.split(":")[0] == allele.first_field else False
    if allele.two_field == (name,):
        return not allele.null
    return None if name in allele.two_field else False


def add_outside_calls(
    results: Mapping[str, GeneResult], calls: Iterable[OutsideCall], ref: Reference
) -> dict[str, GeneResult]:
    """Replace gene results by outside calls; a contradiction keeps both in view.

    A laboratory's outside call wins, since it is asked for where reads see more than a VCF. A
    research program's call rules nothing out: the VCF's candidates stay. If none of the
    candidates is one of the VCF's, apart from what only copy numbers tell, all stay, so that the
    most cautious one decides, and the result carries `caveat-outside-call-conflict`. A gene that
    the other place could not call keeps its own result, which is not complete then. What the VCF
    shows outside the named alleles holds for the outside call too.
    """
    joined = dict(results)
    rows = {r.need("gene"): r for r in ref.table("genes")}
    deletions: dict[str, set[str]] = {}
    for row in ref.table("alleles"):
        if row["structural_kind"] == "deletion":
            deletions.setdefault(row.need("gene"), set()).add(row.need("allele"))
    for call in calls:
        own = joined.get(call.gene)
        if not call.called:
            joined[call.gene] = _not_called(call, own)
            continue
        made = _outside_result(call, rows[call.gene], ref)
        if own is not None:
            made = _with_undocumented(made, own)
        if own is not None and own.diplotypes and made.diplotypes:
            mine = set(own.diplotypes)
            seen = {_as_a_file_shows(d, deletions.get(call.gene, ())) for d in made.diplotypes}
            if mine != {"*"} and not mine & {*made.diplotypes, *seen}:
                made = _keep_both(made, own, "caveat-outside-call-conflict")
            elif call.research and (mine == {"*"} or mine >= set(made.diplotypes)):
                made = replace(own, caveats=_distinct(own.caveats, (_RESEARCH,)))
            elif call.research:
                made = _keep_both(made, own)
        joined[call.gene] = made
    return joined


def _as_a_file_shows(diplotype: str, deletions: Collection[str]) -> str:
    """Return a diplotype as a file of small variants shows it.

    Such a file shows no number of copies, and beside a deleted copy the other one twice.
    """
    sides = diplotype.split("/")
    if len(sides) != 2:
        return diplotype
    kept = [s for s in sides if s not in deletions] or sides
    bare = [s if "+" in s else _COPIES.sub(r"\1", s) for s in (kept * 2)[:2]]
    return "/".join(sorted(bare, key=allele_order))


def _not_called(call: OutsideCall, own: GeneResult | None) -> GeneResult:
    """Return the result of a gene that another place tried and failed to call."""
    caveat = ("caveat-outside-call-none",)
    if own is None:
        return GeneResult(
            call.gene, GeneStatus.NOT_ASSESSED, "none", (), 0, (), (), caveats=caveat
        )
    weak = own.status in (GeneStatus.COMPLETE, GeneStatus.AMBIGUOUS)
    return replace(
        own, status=GeneStatus.PARTIAL if weak else own.status,
        caveats=_distinct(own.caveats, caveat),
    )


def _with_undocumented(made: GeneResult, own: GeneResult) -> GeneResult:
    """Add the VCF's variants that no allele has, which callers of named alleles pass over."""
    made = replace(
        made, undocumented=own.undocumented,
        caveats=_distinct(made.caveats, tuple(c for c in own.caveats if c in _UNDOCUMENTED)),
    )
    if not own.lost_function or (made.phenotypes and set(made.phenotypes) <= _NOTHING_LEFT):
        return made
    return replace(
        made, lost_function=True, activity_scores=(),
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


@dataclass(frozen=True, slots=True)
class _Haplotype:
    """The gene copies of one chromosome."""

    name: str
    """Its copies from the highest number to the lowest, equal ones counted: `*36+*10`, `*2x2`."""
    function: str
    """The function that the table gives to its working copies together; `.` if it gives none."""
    score: Decimal | None
    """The sum over its copies; None if one has no value."""
    working: int
    """Copies that may have a function."""


def _haplotype(text: str, listed: Mapping[str, Row]) -> _Haplotype:
    copies: dict[str, int] = {}
    exact = True
    for part in text.split("+"):
        match = _COPIES.fullmatch(part.strip())
        name, number = (match[1], int(match[3])) if match else (part.strip(), 1)
        if name not in listed and (core := _SUBALLELE.fullmatch(name)):
            name = core[1]
        exact = exact and name.startswith("*") and (match is None or match[2] == "x")
        copies[name] = copies.get(name, 0) + number
    score: Decimal | None = Decimal(0)
    functions: set[str] = set()
    working = 0
    for name, number in copies.items():
        row = listed.get(name)
        function = (row["function"] if row is not None else None) or "."
        value = row["activity_value"] if row is not None else None
        score = None if score is None or value is None else score + Decimal(value) * number
        if function != _NO_FUNCTION:
            functions.add(function)
            working += number
    together = functions or {_NO_FUNCTION}
    ordered = sorted(copies, key=allele_order, reverse=True)
    shown = text.strip() if not exact else "+".join(
        f"{name}x{copies[name]}" if copies[name] > 1 else name for name in ordered
    )
    return _Haplotype(shown, together.pop() if len(together) == 1 else ".", score, working)


def _outside_result(call: OutsideCall, row: Row, ref: Reference) -> GeneResult:
    if row["call_method"] == CallMethod.TYPING:
        raise ValueError("HLA comes through the HLA file")
    table = load_phenotypes(ref, row)
    listed = {r.need("allele"): r for r in ref.table("alleles").by("gene").get((call.gene,), ())}
    diplotypes: list[str] = []
    phenotypes: list[str] = []
    scores: list[Decimal] = []
    functions: list[tuple[str, str]] = []
    for names in call.candidates:
        haplotypes = sorted((_haplotype(n, listed) for n in names),
                            key=lambda h: allele_order(h.name))
        phenotype, score = _look_up(haplotypes, table)
        diplotypes.append("/".join(h.name for h in haplotypes))
        phenotypes += [phenotype] if phenotype else []
        scores += [score] if score is not None else []
        if len(haplotypes) == 2:
            first, second = sorted(h.function for h in haplotypes)
            functions.append((first, second))
    if call.activity_score is not None:
        scores = [call.activity_score]
        if table.bands:
            phenotypes = [_band(table, call.activity_score) or INDETERMINATE]
    if call.phenotype is not None:
        phenotypes = [call.phenotype]
    if not phenotypes and table.method != "none":
        phenotypes = [INDETERMINATE]
    unsettled = call.research or len(set(diplotypes)) > 1
    caveats = ("caveat-outside-call", _RESEARCH) if call.research else ("caveat-outside-call",)
    return GeneResult(
        call.gene, GeneStatus.PARTIAL if unsettled else GeneStatus.COMPLETE, "outside call",
        _distinct(tuple(diplotypes)), len(set(diplotypes)), _distinct(tuple(phenotypes)),
        tuple(sorted(set(scores))), functions=_distinct(tuple(functions)),
        caveats=caveats,
    )


def _band(table: PhenotypeTable, score: Decimal) -> str | None:
    for low, high, word in table.bands:
        if score >= low and (high is None or score <= high):
            return word
    return None


def _look_up(
    haplotypes: Sequence[_Haplotype], table: PhenotypeTable
) -> tuple[str | None, Decimal | None]:
    """Return the phenotype of a diplotype, where the gene has any, and its score."""
    known = [h.score for h in haplotypes if h.score is not None]
    score = sum(known, Decimal(0)) if len(known) == len(haplotypes) else None
    if table.method == "none":
        return None, score
    if table.bands:
        return (_band(table, score) if score is not None else None) or INDETERMINATE, score
    pair = tuple(sorted(h.function for h in haplotypes))
    # A pair of functions says nothing of a chromosome with several working copies.
    if len(pair) != 2 or any(h.working > 1 for h in haplotypes):
        return INDETERMINATE, score
    phenotype, listed = table.pairs.get((pair[0], pair[1]), (INDETERMINATE, None))
    return phenotype, listed if listed is not None else score
