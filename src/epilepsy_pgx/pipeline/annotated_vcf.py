"""The records that were read as a VCF, with what the tables and the engines say of each allele.

Records are copied as text: what the file has of its own stays as it is, byte for byte. Fields of
ours are added to INFO, one value for each alternative allele.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from epilepsy_pgx import __version__
from epilepsy_pgx.calling.class_words import load_class_words
from epilepsy_pgx.calling.file_annotations import NOTES, with_file_annotation
from epilepsy_pgx.calling.findings import make_findings
from epilepsy_pgx.calling.open_reading import OpenReading
from epilepsy_pgx.files import open_output, scratch_folder
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.genetics import SIZED
from epilepsy_pgx.htslib import write_indexed
from epilepsy_pgx.intake.clinvar import ClinvarFile
from epilepsy_pgx.intake.vcf import contig_spellings
from epilepsy_pgx.intervals import Overlaps
from epilepsy_pgx.model import VariantFinding, VariantKey
from epilepsy_pgx.pipeline.extract import Extraction
from epilepsy_pgx.pipeline.listing import annotate_keys
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import AlleleSite
from epilepsy_pgx.report.tables import joint_names
from epilepsy_pgx.variants.annotate import JOINED, JOINT_POSSIBLE, SiteAnnotation
from epilepsy_pgx.variants.observed import ObservedVariant, normalise_key
from epilepsy_pgx.variants.reading import not_read, reading_sentence
from epilepsy_pgx.variants.representation import REF_BLOCK_ALTS, is_bases, read_codes, symbol_word
from epilepsy_pgx.variants.sites import OTHER
from epilepsy_pgx.vcftext import is_plain_declaration, read_head
from epilepsy_pgx.vocabulary import SiteStatus

PREFIX = "EPGX_"
FIELDS = {
    "GENE": "Gene of the tables that the allele touches",
    "TRANSCRIPT": "Transcript on which the allele is named",
    "CONSEQUENCE": "Sequence Ontology terms, most severe first; not_assessed where there is none",
    "HGVSC": "HGVS c. description on EPGX_TRANSCRIPT",
    "HGVSP": "Predicted HGVS p. description",
    "CLASS": "ACMG class, of the file or the tables",
    "CLASS_SOURCE": "Where the class comes from",
    "ANNOTATED_BY": "Program of the file whose consequence and names these are, unchecked",
    "DIRECTION": "Effect on function by consequence and functional evidence, of the change as read "
    "together with phased neighbours; every effect if samples differ",
    "JOINT": "Change that the allele makes with phased neighbours in one of the samples",
    "JOINT_CLASS": "Class of that change, and where it comes from",
    "JOINT_POSSIBLE": "yes if the allele may make another change with neighbours in one of the "
    "samples, which no phase tells",
    "VARIANT": "Identifier of the allele in the tables",
    "ALLELE": "Star alleles that the allele defines",
}
"""Fields of INFO without the prefix, and what they say."""
_NOTATION = "genes joined by |, values of one gene by &, reserved characters percent-encoded"
_PLAIN = "".join(chr(c) for c in range(33, 127) if chr(c) not in ":;=%,|&")
"""Characters that stand as they are; VCF 4.3 reserves the others, or we do."""

Row = dict[str, tuple[str, ...]]
"""Values by field, of one gene."""
_Allele = tuple[str, int, str, str]
"""Chromosome of the tables, POS, REF and one ALT."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """The first cells of a record, as text."""

    chrom: str
    pos: int
    ref: str
    alts: tuple[str, ...]
    info: str

    @property
    def end(self) -> int | None:
        """INFO/END, or POS and the length of a structural variant."""
        for name in ("END", "SVLEN"):
            size = self._value(name).split(",")[0].lstrip("-")
            if size.isdigit():
                return int(size) + (self.pos if name == "SVLEN" else 0)
        return None

    @property
    def sv_type(self) -> str | None:
        """INFO/SVTYPE."""
        return self._value("SVTYPE") or None

    def lacks_size(self, alt: str) -> bool:
        """Say whether an allele is a segment, and the record does not say how far it goes."""
        if len(self.ref) > 1 or not re.match(SIZED, symbol_word(alt) or "", re.IGNORECASE):
            return False
        sizes = self._value("SVLEN").split(",")
        return not any(s.strip("-0").isdigit() for s in sizes) and (self.end or 0) <= self.pos

    def _value(self, name: str) -> str:
        found = (e for e in self.info.split(";") if e.startswith(f"{name}="))
        return next(found, "").partition("=")[2]


@dataclass(slots=True)
class JointChanges:
    """What alleles do in samples that have others on the same copy of a gene."""

    _directions: dict[tuple[str, VariantKey], dict[str, None]] = field(default_factory=dict)
    _names: dict[tuple[str, VariantKey], dict[str, None]] = field(default_factory=dict)

    _open: set[tuple[str, VariantKey]] = field(default_factory=set)
    _possible: set[tuple[str, VariantKey]] = field(default_factory=set)
    _classes: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    """By gene and name of a whole change."""

    def take(self, finding: VariantFinding) -> None:
        """Note one finding of one sample."""
        place = finding.gene, finding.key
        if {*OpenReading} & {*finding.notes}:
            self._open.add(place)
        if JOINT_POSSIBLE in finding.notes:
            self._possible.add(place)
        if JOINED in finding.notes:
            said = (finding.classification.value, *(r.who for r in finding.classifications))
            name = finding.hgvs_c or str(finding.key)
            self._classes.setdefault((finding.gene, name), {}).update(dict.fromkeys(said))
        self._directions.setdefault(place, {})[finding.direction.value] = None
        for name in joint_names(finding):
            self._names.setdefault(place, {})[name] = None

    def add_to(self, row: Row, gene: str, key: VariantKey) -> None:
        """Put the joint changes of an allele into its row, if it has any."""
        if (gene, key) in self._possible:
            row["JOINT_POSSIBLE"] = ("yes",)
        if (gene, key) in self._open:
            row["DIRECTION"] = tuple(self._directions[gene, key])
        if (gene, key) in self._names:
            row["JOINT"] = tuple(self._names[gene, key])
            row["DIRECTION"] = tuple(self._directions[gene, key])
            known = (self._classes.get((gene, name), {}) for name in self._names[gene, key])
            if said := tuple(dict.fromkeys(chain.from_iterable(known))):
                row["JOINT_CLASS"] = said


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the file."""

    ref: Reference
    clinvar: Sequence[ClinvarFile] = ()
    joint: JointChanges = field(default_factory=JointChanges)


def write_annotated(
    text: Path, source: Path, out: Path, extraction: Extraction, known: Known
) -> None:
    """Write the target records of a file with our fields, compressed in blocks, and its index.

    Parameters
    ----------
    text
        The records that were read, as VCF text.
    source
        The file they come from, whose free lines of the header are kept.
    out
        File to write, `.vcf.gz`; its index is named the same and `.tbi`.
    known
        Tables, copies of ClinVar, and what neighbours do together.
    """
    described = _Describer(text, extraction, known)
    with scratch_folder() as folder:
        packed = folder / "out.vcf.gz"
        head = _header(text, source, known.ref, extraction.targets)
        write_indexed(chain(head, described.lines()), packed)
        for made, path in ((packed, out), (Path(f"{packed}.tbi"), Path(f"{out}.tbi"))):
            with open_output(path) as handle, made.open("rb") as whole:
                shutil.copyfileobj(whole, handle)


def _header(text: Path, source: Path, ref: Reference, targets: Targets) -> Iterator[bytes]:
    """Yield the lines of the header: the file's own ones, and the declarations of our fields."""
    unread = ", ".join(not_read(ref, targets.sequences))
    declared = read_head(text)
    own = read_head(source) if source.is_file() and not _is_packed_binary(source) else []
    contigs = {_identifier(x): x for x in own if is_plain_declaration(x)}
    kinds = (b"##INFO=", b"##FORMAT=", b"##FILTER=", b"##contig=", b"##fileformat=")
    free = [x for x in own if x.startswith(b"##") and b"=" in x and not x.startswith(kinds)]
    yield declared[0]
    for line in free:
        if not line.startswith(b"##epilepsy-pgx"):
            yield line.decode("utf-8", "replace").encode()
    for line in declared[1:-1]:
        if not line.startswith((f"##INFO=<ID={PREFIX}".encode(), b"##epilepsy-pgx")):
            yield contigs.get(_identifier(line), line) if line.startswith(b"##contig") else line
    yield f"##epilepsy-pgx={__version__}, tables {ref.version}".encode()
    yield f"##epilepsy-pgx-read={reading_sentence(ref, targets.sequences)}".encode()
    if unread:
        yield f"##epilepsy-pgx-not-read=for want of a sequence or transcript: {unread}".encode()
    for name, said in FIELDS.items():
        yield (
            f"##INFO=<ID={PREFIX}{name},Number=A,Type=String,"
            f'Description="{said} ({_NOTATION})">'.encode()
        )
    yield declared[-1]


def _is_packed_binary(path: Path) -> bool:
    from epilepsy_pgx.bcfbytes import is_bcf

    return is_bcf(path)


def _identifier(line: bytes) -> bytes:
    """Return kind and ID of a declaration."""
    return line.split(b",")[0].rstrip(b">")


class _Describer:
    """Knows what is to be said of each allele of a file."""

    def __init__(self, text: Path, extraction: Extraction, known: Known) -> None:
        targets, ref = extraction.targets, known.ref
        self._joint = known.joint
        self._text = text
        self._parts = _parts_of(text)
        self._names = contig_spellings(ref, targets.build).aliases
        self._sequences = targets.sequences
        self._sites = targets.sites.sites
        self._rows = Overlaps((s.chrom, s.first - 1, s.last) for s in self._sites)
        spans = [(t.chrom, t.start0, t.end0) for t in targets.coding]
        self._coding = Overlaps(spans)
        self._stars: dict[tuple[str, str], list[str]] = {}
        for row in ref.rows(AlleleSite):
            if row.requirement == "required":
                self._stars.setdefault((row.site, row.base), []).append(row.allele)
        self._words = load_class_words(ref)
        self._seen = {v.key: v for v in reversed(extraction.observed)}
        keys = {key for cells, _ in self._records() for key in self._keys(cells) if key}
        self._annotations = annotate_keys(keys, extraction, ref, known.clinvar)
        self._findings: dict[VariantKey, dict[str, VariantFinding]] = {}

    def lines(self) -> Iterator[bytes]:
        """Yield the target records with our fields."""
        for cells, line in self._records():
            row = line.split(b"\t", 8)
            row[7] = self._info(cells).encode()
            yield b"\t".join(row)

    def _records(self) -> Iterator[tuple[_Cells, bytes]]:
        """Yield the records over curated positions and coding exons."""
        for line in self._rows_in_order():
            row = [c.decode() for c in line.split(b"\t", 8)[:8]]
            chrom = self._names.get(row[0].lower(), "")
            alts = tuple(a for a in row[4].split(",") if a not in ("", "."))
            cells = _Cells(chrom, int(row[1]), row[3].upper(), alts, row[7])
            last = max(cells.pos + len(cells.ref) - 1, cells.end or 0)
            if any(rows.meeting(chrom, cells.pos - 1, last) for rows in (self._rows, self._coding)):
                yield cells, line

    def _rows_in_order(self) -> Iterator[bytes]:
        """Yield the records, contig after contig as the header lists them.

        An index gives the contigs in another order than the file has them.
        """
        with self._text.open("rb") as handle:
            for start, end in self._parts:
                handle.seek(start)
                while start < end:
                    line = handle.readline()
                    start += len(line)
                    yield line.rstrip(b"\n")

    def _keys(self, cells: _Cells) -> list[VariantKey | None]:
        """Return the key of each alternative allele; None for one that is no variant, or unread."""
        return [
            None
            if alt in REF_BLOCK_ALTS or alt == "*" or cells.lacks_size(alt)
            else normalise_key(
                VariantKey(cells.chrom, cells.pos, cells.ref, alt),
                self._sequences,
                end=cells.end,
                sv_type=cells.sv_type,
            )
            for alt in cells.alts
        ]

    def _info(self, cells: _Cells) -> str:
        """Return INFO with our fields, in place of those of an earlier time."""
        kept = [e for e in cells.info.split(";") if e not in ("", ".")]
        kept = [e for e in kept if not e.startswith(PREFIX)]
        alleles = [self._describe(cells, i, key) for i, key in enumerate(self._keys(cells), 1)]
        for name in FIELDS:
            values = [_joined(name, genes) for genes in alleles]
            if any(v != "." for v in values):
                kept.append(f"{PREFIX}{name}={','.join(values)}")
        return ";".join(kept) or "."

    def _describe(self, cells: _Cells, number: int, key: VariantKey | None) -> dict[str, Row]:
        """Return what is said of one allele, by gene."""
        if key is None:
            return {}
        genes = {}
        seen = self._seen.get(key)
        for own in self._annotations.get(key, ()):
            annotation = with_file_annotation(own, seen) if seen else own
            finding = self._finding(key).get(annotation.gene)
            genes[annotation.gene] = row = _row(annotation, finding)
            self._joint.add_to(row, annotation.gene, key)
        for site, stars in self._curated(cells, number):
            row = genes.setdefault(site[0], {"GENE": (site[0],)})
            row["VARIANT"] = (*row.get("VARIANT", ()), site[1])
            row["ALLELE"] = (*row.get("ALLELE", ()), *stars)
        return genes

    def _curated(
        self, cells: _Cells, number: int
    ) -> Iterator[tuple[tuple[str, str], Sequence[str]]]:
        """Yield gene and name of each curated position of an allele, and the star alleles."""
        if not is_bases(cells.ref) or not is_bases(cells.alts[number - 1]):
            return
        for place in self._rows.meeting(cells.chrom, cells.pos - 1, cells.pos + len(cells.ref) - 1):
            site = self._sites[place]
            code = read_codes(site, cells.pos, cells.ref, cells.alts)[0][number]
            if 0 <= code < OTHER and code != site.ref_code:
                yield ((site.gene, site.name), self._stars.get((site.name, site.alleles[code]), ()))

    def _finding(self, key: VariantKey) -> Mapping[str, VariantFinding]:
        """Return the findings that a sample with this allele has, by gene."""
        if key not in self._findings:
            seen = self._seen.get(key) or _one_of(key)
            made = make_findings([seen], self._annotations, {}, words=self._words)
            self._findings[key] = {f.gene: f for f in made}
        return self._findings[key]


def _parts_of(text: Path) -> list[tuple[int, int]]:
    """Return where the records of each contig begin and end, in the order of the header."""
    contigs = [_identifier(line) for line in read_head(text) if line.startswith(b"##contig=")]
    order = {name.partition(b"ID=")[2]: rank for rank, name in enumerate(contigs)}
    parts: dict[bytes, tuple[int, int]] = {}
    at = 0
    with text.open("rb") as handle:
        for line in handle:
            if not line.startswith(b"#"):
                name = line[: line.index(b"\t")]
                parts[name] = parts.get(name, (at, at))[0], at + len(line)
            at += len(line)
    return [parts[name] for name in sorted(parts, key=lambda n: order.get(n, len(order)))]


def _one_of(key: VariantKey) -> ObservedVariant:
    """Return an allele as some sample may carry it."""
    return ObservedVariant(0, key, 1, 2, (), (), None, None, None, None, SiteStatus.CALLED)


def _row(annotation: SiteAnnotation, finding: VariantFinding | None) -> Row:
    row: Row = {
        "GENE": (annotation.gene,),
        "TRANSCRIPT": (annotation.transcript,),
        "CONSEQUENCE": annotation.consequences,
        "DIRECTION": (annotation.direction.value,),
    }
    if annotation.hgvs_c:
        who, _, name = annotation.hgvs_c.rpartition(":")
        # The file may name another transcript than the one that stands in its field.
        row["HGVSC"] = (name if who in ("", annotation.transcript) else annotation.hgvs_c,)
    if annotation.hgvs_p:
        row["HGVSP"] = (annotation.hgvs_p,)
    programs = tuple(p for p, note in NOTES.items() if note in annotation.notes)
    if programs:
        row["ANNOTATED_BY"] = programs
    if annotation.curated_id:
        row["VARIANT"] = (annotation.curated_id,)
    if finding is not None and finding.classifications:
        row["CLASS"] = (finding.classification.value,)
        sources = (f"{r.who} {r.date}" if r.date else r.who for r in finding.classifications)
        row["CLASS_SOURCE"] = tuple(dict.fromkeys(sources))
    return row


def _joined(name: str, genes: Mapping[str, Row]) -> str:
    """Write one field of one allele, a part for each gene; `.` if there is nothing to say."""
    parts = [
        "&".join(dict.fromkeys(quote(v, safe=_PLAIN) for v in row.get(name, ()))) or "."
        for row in genes.values()
    ]
    return "|".join(parts) if any(p != "." for p in parts) else "."
