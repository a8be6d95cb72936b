"""Variants in a star-allele gene that no allele definition uses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from epilepsy_pgx.model import GeneResult, VariantKey
from epilepsy_pgx.reference.phenotypes import INDETERMINATE
from epilepsy_pgx.variants.annotate import SiteAnnotation
from epilepsy_pgx.variants.collect import Carriers


def withdraw_normal(
    results: Mapping[str, GeneResult],
    variants: Sequence[Carriers],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
) -> dict[str, GeneResult]:
    """Name undocumented coding variants, and withdraw the phenotype of a gene that one breaks.

    A variant breaks the gene if it is structural, if its consequence is truncating, or, where no
    sequence is installed, if it inserts or deletes a number of coding bases that is no multiple of
    three. One seen below the quality thresholds counts too: a warning needs less than a result.
    """
    changed = dict(results)
    for gene in dict.fromkeys(v.gene for v in variants):
        if gene not in changed:
            continue
        result = changed[gene]
        named: list[str] = []
        caveats = [*result.caveats]
        breaks = False
        for variant in variants:
            if variant.gene != gene:
                continue
            name, lost = _judge(variant, annotations)
            named.append(name)
            breaks = breaks or lost
            word = "caveat-novel-loss-of-function" if lost else "caveat-undocumented-variant"
            doubt = ("caveat-variant-low-quality",) if variant.doubtful else ()
            caveats += [c for c in (word, *doubt) if c not in caveats]
        result = replace(
            result, undocumented=(*result.undocumented, *named), caveats=tuple(caveats)
        )
        if breaks:
            result = replace(
                result,
                lost_function=True,
                phenotypes=(INDETERMINATE,) if result.phenotypes else (),
                activity_scores=(),
            )
        changed[gene] = result
    return changed


def _judge(
    variant: Carriers, annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]]
) -> tuple[str, bool]:
    """Return the name of a variant, and whether it breaks the gene."""
    found = [a for a in annotations.get(variant.key, ()) if a.gene == variant.gene]
    known = [a for a in found if a.hgvs_c is not None]
    name = next((a.hgvs_p or a.hgvs_c for a in known if a.hgvs_c), None) or str(variant.key)
    if variant.key.alt.startswith("<"):
        return name, True
    shift = len(variant.key.ref) - len(variant.key.alt) if variant.key.alt.isalpha() else 0
    return name, any(a.truncating for a in found) or (not known and shift % 3 != 0)
