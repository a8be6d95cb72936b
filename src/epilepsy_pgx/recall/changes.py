"""What differs between the tables that made a stored result and others, as far as it matters."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property

from epilepsy_pgx.reference.history import RowChange, Snapshot, compare_tables
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import PhenotypeTable, load_all_phenotypes
from epilepsy_pgx.reference.rows import ClassifiedVariant, Gene, HlaAllele
from epilepsy_pgx.reference.schema import read_schemas
from epilepsy_pgx.vocabulary import CallMethod

NOT_READ = frozenset(
    {
        "action_ranks",
        "actions",
        "amino_acid_distances",
        "citations",
        "clinical_context",
        "contacts",
        "deciding_genes",
        "dose_maxima",
        "drug_interactions",
        "drug_names",
        "drug_rule_conditions",
        "drug_rules",
        "drug_safety",
        "drugs",
        "entry_equivalents",
        "entry_words",
        "exposure_effects",
        "factor_conditions",
        "factor_signs",
        "factors",
        "formulary",
        "gene_therapy",
        "hla_alleles",
        "interaction_reviews",
        "jurisdictions",
        "known_answers",
        "level_alerts",
        "level_analytes",
        "level_kinetics",
        "level_ranges",
        "locators",
        "ontology_terms",
        "other_medicines",
        "OVERRIDES",
        "pairs_to_avoid",
        "phenoconversion",
        "phenotypes",
        "phenotypes_without_rule",
        "planned_matters",
        "prediction_accessions",
        "prediction_cohort",
        "prediction_models",
        "prediction_residues",
        "prediction_terms",
        "report_limits",
        "report_states",
        "side_by_side",
        "signs",
        "syndromes",
        "test_items",
        "text_forms",
        "texts",
        "trial_doses",
        "trial_doses_children",
        "units",
        "urgent_order",
    }
)
"""Tables that say what results mean: a stored result can be told again with them."""
_BESIDE = frozenset({"cis_haplotypes", "frequencies", "other_genes"})
"""Tables that speak of some patients only: of findings that stand together, of a finding, of files
of outside calls. `entered.py` and `variants.py` tell of whom."""
_BY_GENE = frozenset({"genes", "transcripts"})
"""Tables that say how a gene is read for rare variants."""
_OF_VARIANTS = frozenset(
    {"classified_variants", "functional_evidence", "isoforms", "protein_features"}
)
"""Tables that say what is known of a variant, with a column `gene`."""
_MEANING = frozenset({"function", "activity_value"})
_SAYING = frozenset(
    {"verified", "source", "amp_tier", "seen_by", "frequency_source", "name"}
    | {"note", "rsid", "citations", "hgvs_g", "frequency", "grch37_verified", "limits", "role"}
    | {"inheritance", "hgnc_id"}
)
"""Columns that decide nothing of how a gene is read."""
_NAMED = frozenset({"alleles", "allele_sites"})
"""Tables that say which named alleles there are."""
_DEFINING = _NAMED | {"sites", "site_alleles", "hla_tags"}
"""Tables of what is read for named alleles: `readings.py` compares what they make of a file."""


class TableChanges:
    """The difference between two packages."""

    def __init__(self, old: Reference, new: Reference) -> None:
        """Compare all rows."""
        self.old, self.new = old, new
        before, after = _snapshot(old), _snapshot(new)
        self.rows: tuple[RowChange, ...] = (
            ()
            if old.digest == new.digest
            else tuple(compare_tables(before, after.tables, after.schemas))
        )

    @cached_property
    def phenotypes(self) -> tuple[Mapping[str, PhenotypeTable], Mapping[str, PhenotypeTable]]:
        """How alleles combine, before and after."""
        return load_all_phenotypes(self.old), load_all_phenotypes(self.new)

    @cached_property
    def reading(self) -> tuple[str, ...]:
        """Tables that differ and decide how any file is read."""
        known = NOT_READ | _BESIDE | _BY_GENE | _OF_VARIANTS | _DEFINING
        other = {c.table for c in self.rows} - known
        if _bases(self.old) != _bases(self.new):
            other.add("sequences")
        return tuple(sorted(other))

    @cached_property
    def tables(self) -> frozenset[str]:
        """Tables that differ."""
        return frozenset(c.table for c in self.rows)

    @cached_property
    def limits(self) -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """What is said of each finding of a gene, before and after; genes that differ."""
        old, new = ({r.gene: r.limits for r in ref.rows(Gene)} for ref in (self.old, self.new))
        return {g: (old[g], new[g]) for g in old.keys() & new.keys() if old[g] != new[g]}

    @cached_property
    def read_otherwise(self) -> frozenset[str]:
        """Genes that are read from another transcript or in another way."""
        found = set()
        for change in self.rows:
            columns = {name for name, _ in (*change.before, *change.after)}
            if change.table in _BY_GENE and (change.kind != "changed" or columns - _SAYING):
                found.add(change.key.split(" ", 1)[0])
        return frozenset(found)

    @cached_property
    def variants_of(self) -> frozenset[str]:
        """Genes of which other things are known about variants."""
        found = {g for c in self.rows if c.table in _OF_VARIANTS for g in self.genes_of(c)}
        # An alignment speaks for all genes of a family.
        if any(c.table == "paralogue_alignment" for c in self.rows):
            found |= {r.gene for r in self.new.rows(Gene)}
        return frozenset(found)

    def genes_of(self, change: RowChange) -> Iterator[str]:
        """Yield the genes that a row is about."""
        whole = dict((*change.before, *change.after)).get("gene")
        if whole is not None:
            yield whole
        elif change.table == "classified_variants":
            for ref in (self.old, self.new):
                yield from (r.gene for r in ref.rows(ClassifiedVariant) if r.variant == change.key)
        else:
            yield change.key.split(" ", 1)[0]

    @cached_property
    def alleles(self) -> Mapping[str, frozenset[str]]:
        """Named alleles of each gene that are defined otherwise."""
        found: dict[str, set[str]] = {}
        for change in self.rows:
            columns = {name for name, _ in (*change.before, *change.after)}
            if change.table in _NAMED and (
                change.kind != "changed" or columns - _SAYING - _MEANING
            ):
                gene, allele = change.key.split(" ")[:2]
                found.setdefault(gene, set()).add(allele)
        return {gene: frozenset(names) for gene, names in found.items()}

    @cached_property
    def tags(self) -> frozenset[str]:
        """Positions that say something else of an allele that was not typed."""
        found = set()
        for change in self.rows:
            columns = {name for name, _ in (*change.before, *change.after)}
            if change.table == "hla_tags" and (change.kind != "changed" or columns - _SAYING):
                found.add(change.key.split(" ", 1)[0])
        return frozenset(found)

    @cached_property
    def hla(self) -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
        """Curated alleles of each locus, before and after."""

        def of(ref: Reference) -> dict[str, frozenset[str]]:
            found: dict[str, set[str]] = {
                r.gene: set() for r in ref.rows(Gene) if r.call_method is CallMethod.TYPING
            }
            for row in ref.rows(HlaAllele):
                found.setdefault(row.gene, set()).add(row.allele)
            return {gene: frozenset(names) for gene, names in found.items()}

        return of(self.old), of(self.new)


def _snapshot(ref: Reference) -> Snapshot:
    names = sorted(p.stem for p in ref.path.glob("*.tsv"))
    schemas, _ = read_schemas(ref.path)
    return Snapshot(ref.path.name, ref.version, {n: ref.table(n) for n in names}, schemas)


def _bases(ref: Reference) -> dict[str, bytes]:
    """Return the sequences of a package, which stand in no table."""
    return {
        p.relative_to(ref.path).as_posix(): hashlib.sha256(p.read_bytes()).digest()
        for p in ref.files
        if p.suffix == ".fa"
    }
