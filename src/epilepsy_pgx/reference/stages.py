"""Which stage first reads each curated table, so that a change reruns no more than rests on it.

A stage rests on the tables of its own and on those of the stages before it. Of the words of the
texts table a prediction knows only which there are and what fills their places.
"""

import hashlib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from epilepsy_pgx.reference.overlay import LocalReference
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText
from epilepsy_pgx.reference.texts import asked


class TableStage(StrEnum):
    """The stages that read curated tables, in order."""

    EXTRACT = "extract"
    PREDICT = "predict"
    REPORT = "report"
    CHECK = "check"
    """No stage of a run: tables for those who curate."""


_NAMES: Mapping[TableStage, str] = {
    TableStage.EXTRACT: "classified_variants consequence_words contig_lengths contig_names contigs "
    "genes phase_marks quality_fields quality_limits quality_regions sequences site_alleles sites "
    "transcripts",
    TableStage.PREDICT: "OVERRIDES action_ranks actions allele_sites alleles amino_acid_distances "
    "cis_haplotypes citations class_words clinical_context contacts deciding_genes dose_maxima "
    "drug_interactions drug_names drug_rule_conditions drug_rules drug_safety drugs "
    "entry_equivalents entry_words exposure_effects factor_conditions factor_signs factors "
    "formulary frequencies functional_evidence gene_therapy hla_alleles hla_tags input_words "
    "interaction_reviews isoforms jurisdictions level_alerts level_analytes level_kinetics "
    "level_ranges ontology_terms other_genes other_medicines outside_callers pairs_to_avoid "
    "paralogue_alignment phenoconversion phenotype_words phenotypes phenotypes_without_rule "
    "planned_matters prediction_accessions prediction_cohort prediction_models prediction_residues "
    "prediction_terms protein_features report_limits reportable_tiers side_by_side signs "
    "syndromes test_items text_forms trial_doses trial_doses_children units urgent_order",
    TableStage.REPORT: "locators report_states texts",
    TableStage.CHECK: "CHANGES known_answers",
}
STAGE_OF_TABLE: Mapping[str, TableStage] = {
    name: stage for stage, names in _NAMES.items() for name in names.split()
}
"""Stage by table; a table stands in one. Which a stage reads is held to this by the tests."""


def stage_of_file(path: Path) -> TableStage:
    """Return the stage that first reads a file of the package.

    The descriptor is read by none: it changes with every table.

    Examples
    --------
    >>> stage_of_file(Path("reference/texts.tsv")).value
    'report'
    >>> stage_of_file(Path("reference/sequences/GRCh38/SCN1A.fa")).value
    'extract'
    """
    if path.suffix == ".fa":
        return TableStage.EXTRACT
    if path.name == "datapackage.json":
        return TableStage.CHECK
    # A table of nobody's knowledge may be read anywhere: everything rests on it.
    return STAGE_OF_TABLE.get(path.stem, TableStage.EXTRACT)


def is_read_by(path: Path, stage: TableStage) -> bool:
    """Say whether a stage rests on a file of the package."""
    order = tuple(TableStage)
    return order.index(stage_of_file(path)) <= order.index(stage)


@lru_cache(maxsize=32)
def stage_digest(ref: Reference, stage: TableStage) -> str:
    """Return `sha256:` over all that a stage rests on.

    A hospital's own tables stand among the inputs of a prediction, which rests on all of them.
    """
    total = hashlib.sha256()
    for part in _parts(ref, stage):
        total.update(part)
    return f"sha256:{total.hexdigest()}"


def _parts(ref: Reference, stage: TableStage) -> Iterator[bytes]:
    own = frozenset(ref.overlay_files) if isinstance(ref, LocalReference) else frozenset()
    for path in ref.files:
        if path in own:
            holds = stage is not TableStage.EXTRACT or is_read_by(path, stage)
            name = f"overlay/{path.name}"
        else:
            holds = is_read_by(path, stage)
            name = path.relative_to(ref.path).as_posix()
        if holds:
            yield name.encode() + b"\0" + ref.digest_of(path)
    if stage is TableStage.PREDICT:
        yield from _forms_of_texts(ref)
    if stage is TableStage.REPORT:
        yield ref.version.encode()


def _forms_of_texts(ref: Reference) -> Iterator[bytes]:
    """Yield which texts there are in each language, and what fills the places of each."""
    places = asked(ref)
    for row in sorted(ref.rows(CuratedText), key=lambda r: (r.id, r.language)):
        filled = "|".join(sorted(places.get(row.id, ())))
        yield f"{row.id}\t{row.language}\t{filled}\n".encode()
