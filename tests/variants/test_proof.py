"""Names on real bases against an independent namer and against published ones, in both builds.

`python -m tests.variants.test_proof` writes the measured table of docs/channel-genes.md again.
"""

import csv
import gzip
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, ShippedSequence
from epilepsy_pgx.variants.annotate import AnnotationStatus, Annotator, SiteAnnotation
from epilepsy_pgx.variants.consequence import TRUNCATING
from epilepsy_pgx.variants.hgvs import name_by_position
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.targets_coding import coding_targets
from epilepsy_pgx.variants.transcripts import Transcript, load_transcripts
from epilepsy_pgx.vocabulary import Direction, GenomeBuild
from tests.drawing import examples
from tests.variants.alignments import Gene, flip
from tests.variants.slow_namer import coding_name, plain, protein_names

PAGE = Path(__file__).resolve().parents[2] / "docs" / "channel-genes.md"
START, END = (
    "<!-- measured: written by python -m tests.variants.test_proof -->\n",
    ("<!-- end of measured -->\n"),
)
PROVED = ("CACNA1A", "POLG", "SCN1A", "SLC2A1", "TPP1", "TSC1", "TSC2")
"""Genes whose bases ship whole: both strands, and introns that begin with AT."""
MARGIN = 300
"""Bases beside a transcript that are looked at."""


@dataclass(frozen=True)
class Bench:
    """The namer under test and the bases of the other, in one build."""

    source: SequenceSource
    transcripts: dict[str, Transcript]
    annotator: Annotator
    genes: dict[str, Gene]


@cache
def bench(build: GenomeBuild) -> Bench:
    ref = load_reference()
    source = open_sequences(ref, build)
    transcripts = load_transcripts(ref, build)
    genes = {}
    for name in source.covered | source.coding_only:
        t = transcripts[name]
        low, high = t.start - MARGIN, t.end + MARGIN
        bases = source.fetch_padded(t.chrom, low, high)
        genes[name] = Gene(bases, low, t.exons, (t.cds_start, t.cds_end), t.forward)
    return Bench(source, transcripts, Annotator(ref, build, source), genes)


def annotate(
    build: GenomeBuild, gene: str, changes: Sequence[tuple[int, str, str]]
) -> list[SiteAnnotation]:
    """Annotate changes (pos, ref, alt) in one gene."""
    on = bench(build)
    chrom = on.transcripts[gene].chrom
    keys = [normalise_key(VariantKey(chrom, *change), on.source) for change in changes]
    found = on.annotator.annotate(keys)
    return [next(a for a in found[key] if a.gene == gene) for key in keys]


def short(annotation: SiteAnnotation) -> str | None:
    """Return the c. description without its accession."""
    return annotation.hgvs_c and annotation.hgvs_c.rpartition(":")[2]


def agrees(gene: Gene, change: tuple[int, str, str], found: SiteAnnotation) -> bool:
    """Say whether both namers give the same p. description."""
    may = {plain(name) for name in protein_names(gene, *change)}
    return not may or plain(found.hgvs_p or "p.?") in may


def in_transcript(gene: Gene, start: int, end: int) -> bool:
    """Say whether a change lies in the transcript wherever a repeat may move it."""
    return gene.exons[0][0] + 9 < start and end < gene.exons[-1][1] - 9


@dataclass(frozen=True)
class Edit:
    """A change beside or within an exon, told in the direction of the transcript."""

    exon: int
    at_end: bool
    offset: int
    removed: int
    added: str
    double: bool
    """True for a doubling of the bases instead of their loss."""
    pads: tuple[int, int]

    def place(self, gene: Gene) -> int:
        exons = [(s, e) for s, e in gene.exons if s < gene.cds[1] and e > gene.cds[0]]
        low, high = exons[self.exon % len(exons) if gene.forward else -1 - self.exon % len(exons)]
        if gene.forward:
            return (high if self.at_end else low) + self.offset
        return (low if self.at_end else high) - self.offset - self.removed

    def spelled(self, gene: Gene) -> list[tuple[int, str, str]]:
        """Return the change as it is and with more bases on either side; none if unknown."""
        start = self.place(gene)
        if not in_transcript(gene, start, start + self.removed):
            return []
        old = gene.at(start, start + self.removed)
        added = self.added if gene.forward else flip(self.added)
        new = old + old if self.double else added
        spelled = []
        for left, right in ((1, 0), (0, 1), self.pads):
            before, after = (
                gene.at(start - left, start),
                gene.at(start + self.removed, start + self.removed + right),
            )
            ref, alt = before + old + after, before + new + after
            if ref and alt and ref != alt and "N" not in gene.at(start - 1, start) + ref + after:
                spelled.append((start - left + 1, ref, alt))
        return spelled


def draw(chance: random.Random) -> Edit:
    """Return a change, most often beside the border of an exon."""
    added = "".join(chance.choice("ACGT") for _ in range(chance.choice((0, 0, 1, 2, 3, 6, 9))))
    return Edit(
        exon=chance.randrange(60),
        at_end=chance.random() < 0.5,
        offset=chance.choice((chance.randint(-6, 6), chance.randint(-18, 40))),
        removed=chance.choice((0, 1, 1, 1, 2, 3, 3, 4, 6, 9)),
        added=added,
        double=chance.random() < 0.25,
        pads=(chance.randrange(7), chance.randrange(7)),
    )


@pytest.mark.parametrize("gene", PROVED)
@settings(max_examples=examples(2))
@given(chance=st.randoms(use_true_random=False))
def test_any_change_has_the_name_that_whole_strings_give(gene: str, chance: random.Random) -> None:
    """In any spelling, at borders and in introns, and in both builds alike."""
    edits = [draw(chance) for _ in range(60)]
    by_build = []
    for build in GenomeBuild:
        bases = bench(build).genes[gene]
        spelled = [forms for edit in edits if (forms := edit.spelled(bases))]
        found = iter(annotate(build, gene, [form for forms in spelled for form in forms]))
        names = []
        for forms in spelled:
            told = [next(found) for _ in forms]
            one, form = told[0], forms[0]
            assert one.status is AnnotationStatus.ASSESSED, form
            assert short(one) == coding_name(bases, *form), form
            assert agrees(bases, form, one), (form, one, protein_names(bases, *form))
            assert all(other == one for other in told), forms
            names.append((short(one), one.hgvs_p, one.consequences))
        by_build.append(names)
    assert by_build[0] == by_build[1]


@pytest.mark.parametrize("build", GenomeBuild)
@pytest.mark.parametrize("gene", PROVED)
def test_every_border_of_every_exon(gene: str, build: GenomeBuild) -> None:
    """Substitutions of the bases on either side of each border have the number they should."""
    on = bench(build)
    transcript, bases = on.transcripts[gene], on.genes[gene]
    changes, numbers, done = [], [], 0
    step = 1 if transcript.forward else -1
    for low, high in transcript.coding:
        first, last = (low, high - 1) if transcript.forward else (high - 1, low)
        for place, number in (
            (first - step, f"{done + 1}-1"),
            (first, f"{done + 1}"),
            (last, f"{done + high - low}"),
            (last + step, f"{done + high - low}+1"),
        ):
            at_end = place in (transcript.cds_start - 1, transcript.cds_end)
            ref = bases.at(place, place + 1)
            if not at_end:
                changes.append((place + 1, ref, {"A": "C"}.get(ref, "A")))
                numbers.append(number)
        done += high - low
    found = annotate(build, gene, changes)
    for change, number, one in zip(changes, numbers, found, strict=True):
        name = str(short(one))
        assert re.fullmatch(rf"c\.{re.escape(number)}[ACGT]>[ACGT]", name), (change, number)
        intron = "+" in number or "-" in number
        assert (
            bool({"splice_donor_variant", "splice_acceptor_variant"} & set(one.consequences))
            == intron
        )
        assert not intron or TRUNCATING & set(one.consequences)
        assert intron or agrees(bases, change, one)


@pytest.mark.parametrize("build", GenomeBuild)
@pytest.mark.parametrize("gene", PROVED)
def test_names_where_rules_are_hard(gene: str, build: GenomeBuild) -> None:
    """Doublings and losses of whole codons at each border, at the start and at the stop."""
    bases = bench(build).genes[gene]
    changes = []
    for low, high in ((s, e) for s, e in bases.exons if s < bases.cds[1] and e > bases.cds[0]):
        for place in (low, high, *(c for c in bases.cds if low <= c <= high)):
            for start in range(place - 4, place + 5):
                for size in (1, 2, 3):
                    anchor, lost = bases.at(start - 1, start), bases.at(start, start + size)
                    known = "N" not in bases.at(start - 8, start + size + 8)
                    if known and in_transcript(bases, start, start + size):
                        changes.append((start, anchor + lost, anchor))
                        changes.append((start, anchor, anchor + lost))
    changes = list(dict.fromkeys(changes))[::19]
    for change, one in zip(changes, annotate(build, gene, changes), strict=True):
        assert short(one) == coding_name(bases, *change), change
        assert agrees(bases, change, one), (change, one, protein_names(bases, *change))


# Names that were published.


def published(shared: Path) -> Iterator[dict[str, str]]:
    path = shared / "facts" / "2026-11" / "evidence_clinvar_product_format.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        yield from csv.DictReader(handle, delimiter="\t")


def notation(name: str) -> str:
    """Return a published name without what is notation: frameshift length, `*`, parentheses."""
    if name.startswith("p."):
        name = name.replace("(", "").replace(")", "").replace("*", "Ter")
    name = re.sub(r"(del|dup)[ACGT]+$", r"\1", name)
    return re.sub(r"^(p\.[A-Z][a-z]{2}\d+)(?:[A-Z][a-z]{2})?fs.*", r"\1fs", name)


CROSSES_EXONS = {"c.3694dup": "c.3692dup"}
"""Published beyond the border of an exon, where the rule of HGVS has it stay in the exon."""


def reads_as_stop(published_name: str, found: str) -> bool:
    """Say whether `Ser270_Tyr271insTer` is told as the stop that it makes."""
    match = re.fullmatch(r"p\.[A-Za-z]+\d+_([A-Z][a-z]{2}\d+)insTer", published_name)
    return match is not None and found == f"p.{match[1]}Ter"


@pytest.mark.realdata
@pytest.mark.parametrize("build", GenomeBuild)
def test_published_names(shared: Path, build: GenomeBuild) -> None:
    """Each substitution is named as published, and all indels but one."""
    rows = [r for r in published(shared) if r["gene"] in PROVED]
    prefix = build.prefix
    seen: Counter[tuple[str, bool]] = Counter()
    for gene in PROVED:
        mine = [r for r in rows if r["gene"] == gene]
        changes = [(int(r[f"{prefix}_pos"]), r[f"{prefix}_ref"], r[f"{prefix}_alt"]) for r in mine]
        for row, change, one in zip(mine, changes, annotate(build, gene, changes), strict=True):
            single = len(change[1]) == len(change[2]) == 1
            if row["hgvs_c"] != ".":
                told = notation(row["hgvs_c"])
                right = short(one) == told
                assert right or CROSSES_EXONS.get(told) == short(one), row
                seen["c. substitution" if single else "c. indel", right] += 1
            if row["hgvs_p"] != ".":
                told, name = notation(row["hgvs_p"]), notation(str(one.hgvs_p))
                assert name == told or reads_as_stop(told, name), row
                seen["p. substitution" if single else "p. indel", True] += 1
    assert seen["c. substitution", True] > 750
    assert not seen["c. substitution", False]
    assert seen["c. indel", False] <= 0.01 * (seen["c. indel", True] + seen["c. indel", False])
    assert seen["p. indel", True] > 140


# The measured table.


HEAD = (
    "| gene | transcript | strand | bases | listed | read, GRCh38 | read, GRCh37 | c. proved "
    "| p. proved | outside | loss |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
)
BUILDS = (GenomeBuild.GRCH38, GenomeBuild.GRCH37)


@dataclass(frozen=True)
class Seen:
    """What is known of one listed variant in one build."""

    read: bool
    coding: tuple[str | None, bool] | None
    """c. name and whether it is proved; None where no bases and no publication tell."""
    protein: bool | None
    outside: bool
    loss: bool


def _proof(
    row: ClassifiedVariant, change: tuple[int, str, str], found: SiteAnnotation, on: Bench
) -> tuple[tuple[str | None, bool] | None, bool | None]:
    transcript = on.transcripts[row.gene]
    if found.status is AnnotationStatus.ASSESSED:
        gene = on.genes[row.gene]
        right = short(found) == coding_name(gene, *change)
        return (short(found), right), agrees(gene, change, found)
    name = name_by_position(VariantKey(row.chrom, *change), transcript)
    if name is None or row.hgvs_c is None:
        return None, None
    told = name.rpartition(":")[2]
    return (told, told == row.hgvs_c), None


def look(ref: Reference, build: GenomeBuild) -> dict[str, list[Seen]]:
    """Return what is known of the listed variants of each gene in one build."""
    on = bench(build)
    spans: dict[str, list[tuple[int, int]]] = {}
    for target in coding_targets(ref, build):
        spans.setdefault(target.gene, []).append((target.coding_start0, target.coding_end0))
    rows = [(r, r.place(build)) for r in ref.rows(ClassifiedVariant)]
    placed = [(r, place) for r, place in rows if place is not None]
    keys = [normalise_key(VariantKey(r.chrom, *place), on.source) for r, place in placed]
    found = on.annotator.annotate(keys)
    seen: dict[str, list[Seen]] = {}
    for (row, change), key in zip(placed, keys, strict=True):
        one = next(a for a in found[key] if a.gene == row.gene)
        low, high = change[0] - 1, change[0] - 1 + len(change[1])
        coding, protein = _proof(row, change, one, on)
        seen.setdefault(row.gene, []).append(
            Seen(
                any(s <= low and high <= e for s, e in spans[row.gene]),
                coding,
                protein,
                not any(s <= low and high <= e for s, e in on.transcripts[row.gene].coding),
                one.direction is Direction.LOSS,
            )
        )
    return seen


def _of(proved: list[list[bool]]) -> str:
    """Write how many are proved in both builds."""
    if not proved:
        return "-"
    return f"{sum(map(all, proved))} of {len(proved)}"


def table(ref: Reference) -> str:
    """Return the measured table, a row for each gene with a listed variant."""
    kinds = {r.gene: r.kind for r in ref.rows(ShippedSequence)}
    by_build = {build: look(ref, build) for build in BUILDS}
    lines = [HEAD]
    for gene in sorted(by_build[GenomeBuild.GRCH38]):
        both = [by_build[b][gene] for b in BUILDS]
        on = bench(GenomeBuild.GRCH38)
        state = "whole" if on.source.covers(gene) else "coding only"
        bases = f"{state}, {kinds[gene]}".removesuffix(", coding_only") if gene in kinds else "-"
        pairs = list(zip(*both, strict=True))
        names = [[p.coding[1] for p in pair if p.coding] for pair in pairs if pair[0].coding]
        proteins = [
            [bool(p.protein) for p in pair] for pair in pairs if pair[0].protein is not None
        ]
        cells = [
            gene,
            on.transcripts[gene].accession,
            "+" if on.transcripts[gene].forward else "-",
            bases,
            len(both[0]),
            sum(s.read for s in both[0]),
            sum(s.read for s in both[1]),
            _of(names),
            _of(proteins),
            sum(s.outside for s in both[0]),
            sum(s.loss for s in both[0]),
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |\n")
    return "".join(lines)


def page(ref: Reference) -> str:
    """Return docs/channel-genes.md with the table as it is measured now."""
    text = PAGE.read_text(encoding="utf-8")
    return text.partition(START)[0] + START + table(ref) + END + text.partition(END)[2]


@pytest.mark.slow
def test_the_measured_table_is_up_to_date(package: Reference) -> None:
    """And every listed variant is read, and no name of a known one is wrong, in either build."""
    text = PAGE.read_text(encoding="utf-8")
    assert page(package) == text, "run python -m tests.variants.test_proof"
    lines = text.partition(START)[2].partition(END)[0].splitlines()[2:]
    rows = [line.strip("| ").split(" | ") for line in lines]
    assert len(rows) > 75
    for gene, _, _, _, listed, newer, older, coding, protein, *_ in rows:
        assert listed == newer == older, gene
        for proved in (coding, protein):
            right, _, of = proved.partition(" of ")
            assert right == of or proved == "-", (gene, proved)


if __name__ == "__main__":
    PAGE.write_text(page(load_reference()), encoding="utf-8")
