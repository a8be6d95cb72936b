"""What differs between the tables that made a stored result and others, as far as it matters."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.history import RowChange, Snapshot, compare_tables
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import PhenotypeTable, load_all_phenotypes
from epilepsy_pgx.reference.rows import AlleleSite, ClassifiedVariant, CuratedSite, Gene, HlaAllele
from epilepsy_pgx.reference.schema import read_schemas
from epilepsy_pgx.variants.targets_coding import PATHOGENIC
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild

NOT_READ = frozenset(
    {
        "action_ranks",
        "actions",
        "amino_acid_distances",
        "cis_haplotypes",
        "citations",
        "clinical_context",
        "contacts",
        "deciding_genes",
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
        "frequencies",
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
        "other_genes",
        "other_medicines",
        "OVERRIDES",
        "pairs_to_avoid",
        "phenoconversion",
        "phenotypes",
        "phenotypes_without_rule",
        "prediction_accessions",
        "prediction_cohort",
        "prediction_models",
        "prediction_residues",
        "prediction_terms",
        "report_limits",
        "report_states",
        "reportable_tiers",
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
_BY_GENE = frozenset({"genes", "transcripts"})
"""Tables that say how a gene is read for rare variants."""
_OF_VARIANTS = frozenset(
    {"classified_variants", "functional_evidence", "isoforms", "protein_features"}
)
"""Tables that say what is known of a variant, with a column `gene`."""
_MEANING = frozenset({"function", "activity_value"})
_SAYING = frozenset(
    {"verified", "source", "amp_tier", "reported_as", "seen_by", "frequency_source", "name"}
    | {"note", "rsid", "citations", "hgvs_g", "frequency", "grch37_verified", "limits", "role"}
    | {"inheritance", "hgnc_id"}
)
"""Columns that decide nothing of how a gene is read."""
_DEFINING = frozenset({"alleles", "allele_sites", "sites", "site_alleles", "hla_tags"})


@dataclass(frozen=True, slots=True)
class Redefined:
    """How the named alleles of a gene are defined otherwise."""

    alleles: tuple[str, ...]
    sites: frozenset[str]
    """Positions of the definitions that differ, old and new."""
    new_sites: frozenset[str]
    """Those of them that were not read."""


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
        known = NOT_READ | _BY_GENE | _OF_VARIANTS | _DEFINING
        return tuple(sorted({c.table for c in self.rows} - known))

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
    def redefined(self) -> Mapping[str, Redefined]:
        """Genes whose alleles or positions differ."""
        alleles: dict[str, set[str]] = {}
        sites: dict[str, set[str]] = {}
        for change in self.rows:
            if change.table not in _DEFINING:
                continue
            columns = {name for name, _ in (*change.before, *change.after)}
            if change.kind == "changed" and not columns - _SAYING - _MEANING:
                continue
            for gene, allele, site in self._defined(change):
                if allele:
                    alleles.setdefault(gene, set()).add(allele)
                sites.setdefault(gene, set()).update((site,) if site else ())
        return {
            gene: self._redefined(gene, alleles.get(gene, set()), sites)
            for gene in sorted({*alleles, *sites})
        }

    def _defined(self, change: RowChange) -> Iterator[tuple[str, str, str]]:
        """Yield gene, allele and position of a change of the definitions."""
        words = change.key.split(" ")
        if change.table == "alleles":
            yield words[0], words[1], ""
        elif change.table == "allele_sites":
            yield words[0], words[1], words[2]
        else:
            owners = {**self._site_genes[1], **self._site_genes[0]}
            yield owners.get(words[0], words[0]), "", words[0]

    @cached_property
    def _site_genes(self) -> tuple[dict[str, str], dict[str, str]]:
        def of(ref: Reference) -> dict[str, str]:
            return {row.site: row.gene for row in ref.rows(CuratedSite)}

        return of(self.old), of(self.new)

    def _redefined(self, gene: str, alleles: set[str], sites: Mapping[str, set[str]]) -> Redefined:
        mine = {
            row.site
            for ref in (self.old, self.new)
            for row in ref.rows(AlleleSite)
            if row.gene == gene and row.allele in alleles
        } | sites.get(gene, set())
        new = frozenset(mine - self._site_genes[0].keys())
        return Redefined(tuple(sorted(alleles)), frozenset(mine), new)

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

    def newly_listed(self, build: GenomeBuild) -> Mapping[str, tuple[tuple[str, VariantKey], ...]]:
        """Return the pathogenic variants that were not listed before: name and bases, by gene."""
        if build not in self._listed:
            known = {r.variant for r in self.old.rows(ClassifiedVariant)}
            found: dict[str, list[tuple[str, VariantKey]]] = {}
            for row in self.new.rows(ClassifiedVariant):
                place = row.place(build)
                if row.variant not in known and row.classification in PATHOGENIC and place:
                    key = VariantKey(row.chrom, *place)
                    found.setdefault(row.gene, []).append((row.variant, key))
            self._listed[build] = {gene: tuple(keys) for gene, keys in found.items()}
        return self._listed[build]

    @cached_property
    def _listed(self) -> dict[GenomeBuild, Mapping[str, tuple[tuple[str, VariantKey], ...]]]:
        return {}


def _snapshot(ref: Reference) -> Snapshot:
    names = sorted(p.stem for p in ref.path.glob("*.tsv"))
    schemas, _ = read_schemas(ref.path)
    return Snapshot(ref.path.name, ref.version, {n: ref.table(n) for n in names}, schemas)
