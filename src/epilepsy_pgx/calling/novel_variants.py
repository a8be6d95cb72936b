"""Variants in a star-allele gene that no allele definition uses."""

from collections.abc import Mapping, Sequence

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import GeneResult, VariantKey
from epilepsy_pgx.protein import ProteinKind
from epilepsy_pgx.reference.phenotypes import INDETERMINATE
from epilepsy_pgx.variants.annotate import AnnotationStatus, SiteAnnotation
from epilepsy_pgx.variants.collect import Carriers

_MAY_BREAK = frozenset(
    {
        "direction-basis-splice-site-whole",
        "direction-basis-start-whole",
        "direction-basis-site-unread",
    }
)


def apply_novel_loss_of_function(
    results: Mapping[str, GeneResult],
    variants: Sequence[Carriers],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
) -> dict[str, GeneResult]:
    """Name undocumented coding variants, and withdraw the phenotype of a gene that one breaks.

    A variant breaks the gene if it is structural, if its consequence is truncating, or, where no
    sequence is installed, if it inserts or deletes a number of coding bases that is no multiple of
    three; or if one spelling of it breaks a splice site or the start codon and another does not,
    or cannot be shown not to.
    One seen below the quality thresholds counts too: a warning needs less than a result.
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
            name, word = _consequence(variant, annotations)
            named.append(name)
            breaks = breaks or word != "caveat-undocumented-variant"
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


def _name(annotation: SiteAnnotation) -> str | None:
    """Return the p. name of a change that has one, else its c. name."""
    protein = annotation.protein
    if annotation.hgvs_c is None or protein is None or protein.kind is ProteinKind.UNKNOWN:
        return annotation.hgvs_c
    return protein.name


def _consequence(
    variant: Carriers, annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]]
) -> tuple[str, str]:
    """Return the name of a variant, and the id of the text on what it does to the gene."""
    found = [a for a in annotations.get(variant.key, ()) if a.gene == variant.gene]
    names = [_name(a) for a in found]
    name = next((n for n in names if n), str(variant.key))
    if variant.key.symbolic is not None:
        return name, "caveat-novel-loss-of-function"
    # A symbol or `*` has no length to compare.
    shift = len(variant.key.ref) - len(variant.key.alt) if variant.key.alt.isalpha() else 0
    read = any(a.status == AnnotationStatus.ASSESSED for a in found)
    if any(a.truncating for a in found) or (not read and shift % 3 != 0):
        return name, "caveat-novel-loss-of-function"
    if any(a.direction_basis in _MAY_BREAK for a in found):
        return name, "caveat-novel-site-may-be-lost"
    return name, "caveat-undocumented-variant"
