"""Join results made elsewhere with those called here."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from epilepsy_pgx.calling.phenotypes import INDETERMINATE, load_phenotypes
from epilepsy_pgx.intake.outside import HlaTyping, OutsideCall, TypedAllele
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.package import Reference, Row
from epilepsy_pgx.vocabulary import CallMethod, GeneStatus

_Item = TypeVar("_Item")
_COPIES = re.compile(r"(\*.+?)x(≥|>=)?(\d+)")


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

    An outside call wins, since it is asked for where reads see more than a VCF. If the VCF's
    candidates do not contain it, both stay candidates, so that the more cautious one decides, and
    the result carries `caveat-outside-call-conflict`.
    """
    joined = dict(results)
    rows = {r.need("gene"): r for r in ref.table("genes")}
    for call in calls:
        made = _outside_result(call, rows[call.gene], ref)
        own = joined.get(call.gene)
        if own is not None and own.diplotypes and made.diplotypes:
            agree = made.diplotypes[0] in own.diplotypes or own.diplotypes == ("*",)
            if not agree:
                made = _keep_both(made, own)
        joined[call.gene] = made
    return joined


def _keep_both(made: GeneResult, own: GeneResult) -> GeneResult:
    return replace(
        own,
        status=GeneStatus.PARTIAL,
        basis=made.basis,
        diplotypes=_distinct(made.diplotypes, own.diplotypes),
        candidate_count=made.candidate_count + own.candidate_count,
        phenotypes=_distinct(made.phenotypes, own.phenotypes),
        activity_scores=tuple(sorted({*made.activity_scores, *own.activity_scores})),
        functions=_distinct(made.functions, own.functions),
        caveats=_distinct(made.caveats, own.caveats, ("caveat-outside-call-conflict",)),
    )


def _distinct(*groups: tuple[_Item, ...]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _outside_result(call: OutsideCall, row: Row, ref: Reference) -> GeneResult:
    if row["call_method"] == CallMethod.TYPING:
        raise ValueError("HLA comes through the HLA file")
    table = load_phenotypes(ref, row)
    listed = {r.need("allele"): r for r in ref.table("alleles").by("gene").get((call.gene,), ())}
    functions: list[str] = []
    score: Decimal | None = None
    for text in call.alleles or ():
        total = Decimal(0)
        function = None
        for part in text.split("+"):
            match = _COPIES.fullmatch(part)
            name, copies = (match[1], int(match[3])) if match else (part, 1)
            known = listed.get(name)
            function = known["function"] if known is not None else None
            value = known["activity_value"] if known is not None else None
            if value is None:
                total = Decimal("NaN")
            else:
                total += Decimal(value) * copies
        functions.append(function or ".")
        score = total if score is None else score + total
    if score is not None and score.is_nan():
        score = None
    score = call.activity_score if call.activity_score is not None else score
    phenotype = call.phenotype
    if phenotype is None and table.method != "none":
        phenotype = INDETERMINATE
        pair = tuple(sorted(functions))
        if table.bands:
            for low, high, word in table.bands:
                if score is not None and score >= low and (high is None or score <= high):
                    phenotype = word
        elif len(pair) == 2 and (pair[0], pair[1]) in table.pairs:
            phenotype, listed_score = table.pairs[pair[0], pair[1]]
            score = listed_score if listed_score is not None else score
    return GeneResult(
        call.gene, GeneStatus.COMPLETE, "outside call",
        ("/".join(call.alleles),) if call.alleles else (), 1 if call.alleles else 0,
        (phenotype,) if phenotype else (), (score,) if score is not None else (),
        functions=((functions[0], functions[1]),) if len(functions) == 2 else (),
        caveats=("caveat-outside-call",),
    )
