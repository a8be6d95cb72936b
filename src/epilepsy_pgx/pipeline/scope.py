"""What was ordered of one patient: genes that are switched off, and the files that are bound."""

from collections.abc import Iterable, Mapping

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.model import GeneCoverage, GeneResult, InputFile, SampleQuality
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.vocabulary import Basis, GeneStatus

OFF, OFF_COVERAGE, OFF_NOTICE = "caveat-not-ordered", "coverage-not-ordered", "notice-genes-off"


@dataclass(frozen=True, slots=True)
class Scope:
    """The genes of which nothing may be said, because nobody ordered them."""

    off: tuple[str, ...]

    def results(self, results: Mapping[str, GeneResult]) -> dict[str, GeneResult]:
        """Return gene results, those of other genes as not assessed."""
        return {g: _not_ordered(g) if g in self.off else r for g, r in results.items()}

    def coverage(self, coverage: Mapping[str, GeneCoverage]) -> dict[str, GeneCoverage]:
        """Return how far genes were read, others as not read."""
        return {
            g: GeneCoverage(g, c.transcript, GeneStatus.NOT_ASSESSED, OFF_COVERAGE)
            if g in self.off
            else c
            for g, c in coverage.items()
        }

    def quality(self, quality: SampleQuality) -> SampleQuality:
        """Return the quality without figures of other genes."""
        if not self.off:
            return quality
        return replace(quality, genes=tuple(g for g in quality.genes if g.gene not in self.off))

    def notices(self) -> tuple[Message, ...]:
        """Name the genes on page one."""
        return (Message(OFF_NOTICE, (Value("genes", self.off),)),) if self.off else ()


def _not_ordered(gene: str) -> GeneResult:
    return GeneResult(gene, GeneStatus.NOT_ASSESSED, Basis.NONE, (), 0, (), (), caveats=(OFF,))


def check_digests(row: SampleRow, inputs: Iterable[InputFile]) -> None:
    """Raise if a patient's VCF is not the file that the manifest binds to the accession.

    Raises
    ------
    InputError
        If it is another one, or was changed.
    """
    found = [f.digest for f in inputs if f.role == "VCF"]
    if row.vcf_digests and sorted(row.vcf_digests) != sorted(found):
        raise InputError.one(
            "vcf-bound",
            file=row.sheet,
            line=row.line,
            column="vcf_sha256",
            found="a file with another SHA-256 than the one bound to this patient",
            expected="the file of the manifest",
            fix="Exclude a swap: compare file, sample and accession; then correct the manifest.",
        )
