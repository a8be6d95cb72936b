"""What `annotate` writes: the table of variants, the annotated VCF, the picture of a gene."""

from collections.abc import Iterator
from pathlib import Path

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.files import scratch_folder, write_bytes
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.clinvar import ClinvarFile
from epilepsy_pgx.model import VariantFinding
from epilepsy_pgx.pipeline.annotated_vcf import JointChanges, Known, write_annotated
from epilepsy_pgx.pipeline.extract import Extraction
from epilepsy_pgx.pipeline.job import Method, NamedFiles
from epilepsy_pgx.pipeline.listing import VARIANT_COLUMNS, find_variants, finding_cells
from epilepsy_pgx.pipeline.write_listing import Listed, Listing, write_listing
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.report.lollipop import draw_alone, drawable, render_png
from epilepsy_pgx.report.tables import MORE_COLUMNS, more_cells
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.tsv import line
from epilepsy_pgx.vocabulary import CallMethod

VCF = ".vcf.gz"
_OTHER_VCF = (".vcf", ".bcf", ".vcf.bgz", ".bcf.gz")
PICTURES = (".svg", ".png")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a command line asks for."""

    out: Path
    """A table, or an annotated VCF with the table beside it."""
    gene: str | None = None
    """The gene to draw."""
    picture: Path | None = None
    """File of the picture; None for the name of `out` with the gene's at its end."""
    clinvar: tuple[ClinvarFile, ...] = ()
    """The user's copies of ClinVar."""

    @property
    def vcf(self) -> Path | None:
        """The annotated VCF, if one is asked for."""
        return self.out if self.out.name.lower().endswith(VCF) else None

    @property
    def stem(self) -> str:
        """Name of `out` without what tells its kind."""
        name = self.out.name
        return name[: -len(VCF)] if self.vcf else name.removesuffix(".tsv")

    @property
    def table(self) -> Path:
        """The table of variants."""
        return self.out.with_name(f"{self.stem}.tsv") if self.vcf else self.out

    @property
    def drawing(self) -> Path | None:
        """The picture, if one is asked for."""
        if self.gene is None:
            return None
        name = self.gene.replace("/", "_")
        return self.picture or self.out.with_name(f"{self.stem}.{name}.svg")


def write_annotation(files: NamedFiles, method: Method, wanted: Wanted) -> Listed:
    """Write what is wanted of some files.

    Raises
    ------
    ConfigError
        If that cannot be made of these files, before anything is written.
    """
    _check(files, method, wanted)
    drawn: list[VariantFinding] = []
    samples: list[str] = []
    with scratch_folder() as folder:
        kept = folder / "records.vcf" if wanted.vcf else None

        def lines(found: Extraction) -> Iterator[str]:
            samples.extend(found.store.samples)
            joint = JointChanges()
            for sample, finding in find_variants(found, method.ref, clinvar=wanted.clinvar):
                joint.take(finding)
                if finding.gene == wanted.gene:
                    drawn.append(finding)
                yield line((*finding_cells(sample, finding), *more_cells(finding)))
            if wanted.vcf is not None and kept is not None:
                known = Known(method.ref, wanted.clinvar, joint)
                write_annotated(kept, files.vcfs[0], wanted.vcf, found, known)

        tables = [Listing(wanted.table, (*VARIANT_COLUMNS, *MORE_COLUMNS), lines)]
        done = write_listing(files, method, tables, kept=kept)
    if wanted.gene is not None and wanted.drawing is not None and done.files:
        about = f"Variants of {len(samples)} sample{'s' * (len(samples) != 1)}"
        wording = Wording(method.ref, "en")
        picture = draw_alone(wanted.gene, drawn, method.ref, wording, files.build, about)
        data = picture.encode()
        if wanted.drawing.suffix.lower() == ".png":
            data = render_png(picture)
        write_bytes(wanted.drawing, data)
    return done


def _check(files: NamedFiles, method: Method, wanted: Wanted) -> None:
    """Refuse what cannot be made of these files."""
    problems: list[ConfigError] = []
    if wanted.vcf and not wanted.stem.strip("."):
        problems.append(
            ConfigError.one(
                "annotated-vcf",
                column="--out",
                found=f"{str(wanted.out)!r}, an ending without a name",
                expected=f"a name before {VCF}, as in patient{VCF}",
            )
        )
    if wanted.out.name.lower().endswith(_OTHER_VCF):
        problems.append(
            ConfigError.one(
                "annotated-vcf",
                column="--out",
                found=repr(str(wanted.out)),
                expected=f"a name that ends in {VCF}, or that of a table",
            )
        )
    if wanted.vcf is not None and len(files.vcfs) > 1:
        problems.append(
            ConfigError.one(
                "annotated-vcf",
                column="--out",
                found=f"{len(files.vcfs)} files for one annotated VCF",
                expected="one file",
                fix="Annotate one file after the other, or name a table.",
            )
        )
    written = (wanted.vcf, wanted.table, wanted.drawing)
    if any(
        p is not None and p.exists() and p.samefile(f)
        for p in written
        for f in files.vcfs
        if f.exists()
    ):
        problems.append(
            ConfigError.one(
                "output-is-input",
                column="--out",
                found="the name of a file that is read",
                expected="another name",
            )
        )
    problems += _drawing_problems(files, method, wanted)
    if problems:
        raise ConfigError([p for error in problems for p in error.problems])


def _drawing_problems(files: NamedFiles, method: Method, wanted: Wanted) -> Iterator[ConfigError]:
    """Yield what is wrong with the picture that is asked for."""
    if wanted.gene is None:
        if wanted.picture is not None:
            yield ConfigError.one(
                "plot", column="--plot-file", found="no gene", expected="--plot GENE as well"
            )
        return
    genes = sorted(
        r.gene
        for r in method.ref.rows(Gene)
        if r.call_method is CallMethod.RARE_VARIANT and drawable(method.ref, files.build, r.gene)
    )
    if wanted.gene not in genes:
        yield ConfigError.one(
            "plot", column="--plot", found=repr(wanted.gene), expected=f"one of {', '.join(genes)}"
        )
    if wanted.drawing is not None and wanted.drawing.suffix.lower() not in PICTURES:
        yield ConfigError.one(
            "plot",
            column="--plot-file",
            found=repr(str(wanted.drawing)),
            expected="a name that ends in .svg or .png",
        )
