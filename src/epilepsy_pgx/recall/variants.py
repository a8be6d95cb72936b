"""Findings told again: what is known of a variant now, where it was stored as what it is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from epilepsy_pgx.calling.findings import class_notes
from epilepsy_pgx.calling.frequencies import add_frequencies
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import Alias, GeneCoverage, VariantFinding, VariantKey
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.recall.changes import TableChanges
from epilepsy_pgx.recall.genes import Open
from epilepsy_pgx.recall.readings import Readings
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant
from epilepsy_pgx.variants.annotate import AnnotationStatus, Annotator, SiteAnnotation
from epilepsy_pgx.vocabulary import GeneStatus, GenomeBuild


class VariantsAgain:
    """Tells the findings of one build again with other tables."""

    def __init__(self, changes: TableChanges, build: GenomeBuild, day: str) -> None:
        """Take the difference between the tables, and the date of the report."""
        self._changes, self._build, self._day = changes, build, day
        self._readings = Readings(changes, build)
        self._annotators: dict[str, Annotator] = {}
        self._made: dict[tuple[str, VariantKey], tuple[SiteAnnotation, ...]] = {}

    def findings(
        self, stored: Sequence[VariantFinding], coverage: Mapping[str, GeneCoverage]
    ) -> tuple[tuple[VariantFinding, ...], list[Open]]:
        """Return the findings of one patient, and what cannot be told."""
        found: list[VariantFinding] = []
        still = [*self._together(stored)]
        changed = self._changes.variants_of | self._changes.read_otherwise
        for finding in map(self._beside, stored):
            if finding.gene not in changed:
                found.append(finding)
                continue
            again = self._again(finding)
            found.append(again or finding)
            if again is None:
                named = f"{finding.gene} {finding.hgvs_c or finding.key}"
                still.append(Open(named, "known otherwise now, and not stored as it was read"))
        still += self._newly_listed(stored, coverage)
        return tuple(found), still

    def _together(self, stored: Sequence[VariantFinding]) -> Iterator[Open]:
        """Yield the genes of several findings of which it is said if they stand together."""
        if "cis_haplotypes" in self._changes.tables:
            for gene, number in Counter(f.gene for f in stored).items():
                if number > 1:
                    yield Open(gene, "variants that stand together are known otherwise now")

    def _beside(self, finding: VariantFinding) -> VariantFinding:
        """Return a finding with how common it is, and with the limits of its gene."""
        before, after = self._changes.limits.get(finding.gene, ((), ()))
        if before != after and set(before) <= {*finding.notes}:
            kept = (n for n in finding.notes if n not in before)
            finding = replace(finding, notes=(*kept, *after))
        if "frequencies" not in self._changes.tables:
            return finding
        (known,) = add_frequencies((finding,), (), self._changes.new, self._build)
        # What the INFO of the file says has the field that says it.
        stated = tuple(f for f in finding.frequencies if f.field)
        return replace(finding, frequencies=(*known.frequencies, *stated))

    def _newly_listed(
        self, stored: Sequence[VariantFinding], coverage: Mapping[str, GeneCoverage]
    ) -> list[Open]:
        """Return the newly listed variants that a patient may carry.

        One that changes the protein would be a finding wherever the gene was read in full.
        """
        carried = {f.key for f in stored}
        still = []
        for gene, listed in self._readings.listed.items():
            read = coverage.get(gene)
            whole = read is not None and read.status is GeneStatus.COMPLETE
            for row in listed:
                if row.key in carried:
                    continue
                if whole and (row.known or self._changes_protein(gene, row.key)):
                    continue
                still.append(Open(f"{gene} {row.name}", "a variant that was not listed"))
        return still

    def _changes_protein(self, gene: str, key: VariantKey) -> bool:
        site = self._annotation(self._changes.old, gene, key)
        return (
            site is not None
            and site.status is AnnotationStatus.ASSESSED
            and site.protein is not None
            and not set(site.consequences) & {"synonymous_variant", "stop_retained_variant"}
        )

    def _annotation(self, ref: Reference, gene: str, key: VariantKey) -> SiteAnnotation | None:
        name = ref.digest
        if name not in self._annotators:
            sequences = load_targets(ref, self._build).sequences
            self._annotators[name] = Annotator(ref, self._build, sequences)
        if (name, key) not in self._made:
            self._made[name, key] = self._annotators[name].annotate([key])[key]
        return next((a for a in self._made[name, key] if a.gene == gene), None)

    def _again(self, stored: VariantFinding) -> VariantFinding | None:
        """Return a finding with what is known now; None unless the old tables give the stored."""
        before = self._annotation(self._changes.old, stored.gene, stored.key)
        after = self._annotation(self._changes.new, stored.gene, stored.key)
        if before is None or after is None or not _is_as_read(stored, before):
            return None
        records = (
            *(r for r in stored.classifications if r.source != ClassifiedVariant.TABLE),
            *after.classifications,
        )
        said = {*before.notes, *class_notes(stored.classifications, self._day)}
        said.add("note-class-old")  # by the day of the stored report
        notes = [n for n in stored.notes if n not in said]
        return replace(
            stored,
            consequences=after.consequences,
            hgvs_c=after.hgvs_c,
            hgvs_p=after.hgvs_p,
            direction=after.direction,
            direction_basis=after.direction_basis,
            truncating=after.truncating,
            classifications=records,
            functional=after.functional,
            features=after.features,
            aliases=(*after.aliases, *_written(stored)),
            curated_id=after.curated_id,
            notes=(*after.notes, *notes, *class_notes(records, self._day)),
        )


def _written(stored: VariantFinding) -> tuple[Alias, ...]:
    """Return the names that stand beside a laboratory's class, in that laboratory's words."""
    who = {r.who for r in stored.classifications if r.act}
    return tuple(a for a in stored.aliases if a.isoform in who)


def _is_as_read(stored: VariantFinding, site: SiteAnnotation) -> bool:
    """Say whether a finding is what its bases alone say: no other variant beside, no file."""
    curated = tuple(r for r in stored.classifications if r.source == ClassifiedVariant.TABLE)
    return (
        stored.consequences,
        stored.hgvs_c,
        stored.hgvs_p,
        stored.direction,
        stored.direction_basis,
        stored.truncating,
        stored.functional,
        stored.features,
        tuple(a for a in stored.aliases if a not in _written(stored)),
        stored.curated_id,
        curated,
    ) == (
        site.consequences,
        site.hgvs_c,
        site.hgvs_p,
        site.direction,
        site.direction_basis,
        site.truncating,
        site.functional,
        site.features,
        site.aliases,
        site.curated_id,
        site.classifications,
    )
