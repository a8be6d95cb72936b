"""Variants in a star-allele gene that no allele definition uses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from epilepsy_pgx.calling.phenotypes import INDETERMINATE
from epilepsy_pgx.model import GeneResult, VariantKey
from epilepsy_pgx.variants.annotate import SiteAnnotation
from epilepsy_pgx.variants.collect import Carriers


def withdraw_normal(
    results: Mapping[str, GeneResult],
    variants: Sequence[Carriers],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
) -> dict[str, GeneResult]:
    """Name undocumented coding variants, and withdraw the phenotype of a gene that one breaks.

    A variant breaks the gene if its consequence is truncating, or, where no sequence is
    installed, if it inserts or deletes a number of coding bases that is no multiple of three.
    """
    changed = dict(results)
    for variant in variants:
        result = changed.get(variant.gene)
        if result is None:
            continue
        found = [a for a in annotations.get(variant.key, ()) if a.gene == variant.gene]
        known = [a for a in found if a.hgvs_c is not None]
        name = next((a.hgvs_p or a.hgvs_c for a in known if a.hgvs_c), None) or str(variant.key)
        shift = len(variant.key.ref) - len(variant.key.alt) if variant.key.alt.isalpha() else 0
        lost = any(a.truncating for a in found) or (not known and shift % 3 != 0)
        caveats = [*result.caveats]
        word = "caveat-novel-loss-of-function" if lost else "caveat-undocumented-variant"
        if word not in caveats:
            caveats.append(word)
        result = replace(
            result, undocumented=(*result.undocumented, name), caveats=tuple(caveats)
        )
        if lost:
            result = replace(
                result,
                lost_function=True,
                phenotypes=(INDETERMINATE,) if result.phenotypes else (),
                activity_scores=(),
            )
        changed[variant.gene] = result
    return changed
