"""Indels at every exon border against all alignments of the edited sequence."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.calling.findings import make_findings
from epilepsy_pgx.calling.novel_variants import apply_novel_loss_of_function
from epilepsy_pgx.model import GeneResult, VariantKey
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.genome import Genome
from epilepsy_pgx.reference.naming import coding_change
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.phenotypes import INDETERMINATE
from epilepsy_pgx.reference.rows import CuratedText, CuratedTranscript
from epilepsy_pgx.variants.annotate import BASIS_OF_WHOLE_SITE, Annotator, SiteAnnotation
from epilepsy_pgx.variants.collect import Carriers
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.hgvs import HgvsNamer
from epilepsy_pgx.variants.observed import ObservedVariant, normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.transcripts import Transcript, load_transcripts
from epilepsy_pgx.vocabulary import Direction, GeneStatus, GenomeBuild, SiteStatus
from tests.drawing import examples
from tests.toy.genome import CDS, LENGTH
from tests.toy.package import write_toy
from tests.toy.vcf import sound, vcf_text
from tests.variants.alignments import Gene, keeps_pair, name, read_splice, spellings
from tests.variants.other_namer import OtherNamer
from tests.variants.test_consequence import seen

BUILD = GenomeBuild.GRCH38
SPLICE = {"splice_donor_variant", "splice_acceptor_variant"}
GENES = ("FWD", "REV")
LONGEST = 12
Edit = tuple[int, int, str]
"""0-based start, bases removed, bases added."""


@pytest.fixture(scope="session")
def annotator(toy: Reference, toy_source: SequenceSource) -> Annotator:
    return Annotator(toy, BUILD, toy_source)


def gene_of(transcript: Transcript, source: SequenceSource) -> Gene:
    low, high = transcript.start - 200, transcript.end + 200
    return Gene(
        source.fetch_padded(transcript.chrom, low, high),
        low,
        transcript.exons,
        (transcript.cds_start, transcript.cds_end),
        transcript.forward,
    )


def key_of(gene: Gene, chrom: str, edit: Edit) -> VariantKey:
    start, removed, added = edit
    anchor = gene.at(start - 1, start)
    return VariantKey(chrom, start, anchor + gene.at(start, start + removed), anchor + added)


def indels(gene: Gene, places: list[int], reach: int, chance: random.Random) -> Iterator[Edit]:
    """Give all deletions of 1 to 12 bases around some places, doublings, and random insertions."""
    done = set()
    for place in places:
        for start in range(place - reach, place + reach + 1):
            for size in range(1, LONGEST + 1):
                if start + size < place - 2 or (start, size) in done:
                    continue
                done.add((start, size))
                yield start, size, ""
                if abs(start - place) < 3:
                    yield start, 0, gene.at(start, start + size)
                    if start != place or size % 3 == 0:
                        continue
                    yield start, 0, "".join(chance.choice("ACGT") for _ in range(size))


def annotate(
    annotator: Annotator,
    source: SequenceSource,
    gene: Gene,
    transcript: Transcript,
    edits: list[Edit],
) -> Iterator[tuple[Edit, SiteAnnotation]]:
    keys = {e: normalise_key(key_of(gene, transcript.chrom, e), source) for e in edits}
    found = annotator.annotate(keys.values())
    for edit, key in keys.items():
        yield edit, next(a for a in found[key] if a.gene == transcript.gene)


def check_borders(
    annotator: Annotator, source: SequenceSource, transcript: Transcript, *, names: bool = True
) -> dict[str, int]:
    gene = gene_of(transcript, source)
    borders = [p for intron in transcript.introns for p in intron]
    known = [
        b
        for b in borders
        if "N" not in gene.at(b - 18, b + 18) and transcript.cds_start < b < transcript.cds_end
    ]
    edits = list(indels(gene, known, 14, random.Random(3)))
    before = gene.protein()
    counts: dict[str, int] = {}
    for edit, found in annotate(annotator, source, gene, transcript, edits):
        wanted = read_splice(gene, before, *edit)
        terms = set(found.consequences)
        case = (edit, wanted, found)
        counts[str(wanted)] = counts.get(str(wanted), 0) + 1
        if wanted is None:
            assert not terms & SPLICE, case
        elif wanted == "lost":
            assert terms & SPLICE, case
            assert found.direction is Direction.LOSS, case
        else:
            assert not terms & SPLICE, case
            assert "splice_region_variant" in terms, case
            assert seen(found.consequences) == {"none": "synonymous"}.get(wanted, wanted), case
            assert found.truncating == (wanted == "truncating"), case
            assert ("note-lost-either-way" in found.notes) == found.truncating, case
            if wanted != "truncating":
                assert found.direction is Direction.NOT_DETERMINED, case
                assert found.direction_basis == "direction-basis-splice-site-whole", case
                assert "note-splice-site-whole" in found.notes, case
        window = gene.at(edit[0] - 20, edit[0] + edit[1] + 20)
        if names and "N" not in window and found.hgvs_c is not None:
            assert found.hgvs_c.partition(":")[2] == name(gene, *edit), case
    return counts


@pytest.mark.parametrize("gene", GENES)
def test_every_indel_at_every_border(
    annotator: Annotator, toy: Reference, toy_source: SequenceSource, gene: str
) -> None:
    counts = check_borders(annotator, toy_source, load_transcripts(toy, BUILD)[gene])
    assert min(counts[w] for w in ("lost", "none", "altering", "truncating")) > 3, counts


@pytest.mark.slow
def test_every_indel_at_every_border_of_scn1a(package: Reference, shipped: SequenceSource) -> None:
    """On the reverse strand, with both introns that begin with AT."""
    transcript = load_transcripts(package, shipped.build)["SCN1A"]
    counts = check_borders(Annotator(package, shipped.build, shipped), shipped, transcript)
    assert counts["none"] > 30, counts
    assert counts["altering"] > 15, counts


@pytest.mark.slow
def test_every_indel_at_every_border_of_tsc2(package: Reference) -> None:
    """On the forward strand."""
    source = open_sequences(package, BUILD)
    transcript = load_transcripts(package, BUILD)["TSC2"]
    assert transcript.forward
    counts = check_borders(Annotator(package, BUILD, source), source, transcript)
    assert counts["none"] > 30, counts
    assert counts["altering"] > 15, counts


@pytest.mark.realdata
def test_deletions_that_leave_the_site_whole(shared: Path, package: Reference) -> None:
    source = open_sequences(package, BUILD)
    annotator = Annotator(package, BUILD, source)
    transcripts = load_transcripts(package, BUILD)
    path = shared / "truth" / "splice_whole_called_broken.tsv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    assert len(rows) == 81 + 133
    for row in rows:
        key = VariantKey(transcripts[row["gene"]].chrom, int(row["pos38"]), row["ref"], row["alt"])
        key = normalise_key(key, source)
        (found,) = annotator.annotate([key])[key]
        assert not SPLICE & set(found.consequences), row
        assert "splice_region_variant" in found.consequences
        assert found.hgvs_c == row["hgvs_c"]
        # A whole splice site does not mend a frame: the exon is short by so many bases.
        if int(row["coding_bases_in_whole_spelling"]) % 3:
            assert {"frameshift_variant", "stop_gained"} & set(found.consequences), row
        else:
            assert found.direction is Direction.NOT_DETERMINED, row
            assert found.direction_basis == "direction-basis-splice-site-whole"


@pytest.mark.parametrize(("removed", "added"), [("", "CACAGG"), ("", "CAGG"), ("CACAGG", "")])
def test_no_spelling_hides_a_splice_site_of_a_star_allele_gene(
    package: Reference, tmp_path: Path, removed: str, added: str
) -> None:
    """The leftmost one lies deep in the intron, the rightmost one takes the donor of exon 5."""
    targets = load_targets(package, BUILD)
    place = 42126841 if len(added or removed) == 6 else 42126843
    anchor = targets.sequences.fetch("22", place - 1, place)
    path = tmp_path / "in.vcf"
    path.write_text(
        vcf_text(
            *sound(f"{place} {anchor}{removed} {anchor}{added} GT 0/1"),
            contig="chr22",
            length=50818468,
        )
    )
    found = extract_group([path], None, None, targets, package, Thresholds())
    assert [c.gene for c in found.undocumented] == ["CYP2D6"]


@pytest.mark.parametrize("gene", GENES)
def test_start_and_stop_codon_under_every_alignment(
    annotator: Annotator, toy: Reference, toy_source: SequenceSource, gene: str
) -> None:
    transcript = load_transcripts(toy, BUILD)[gene]
    own = gene_of(transcript, toy_source)
    places = own.coding()
    start, stop = set(places[:3]), set(places[-3:])
    edge = transcript.cds_start if transcript.forward else transcript.cds_end
    last = transcript.cds_end if transcript.forward else transcript.cds_start
    for middle, codon in ((edge, start), (last, stop)):
        edits = list(indels(own, [middle], 14, random.Random(5)))
        kept = 0
        for edit, found in annotate(annotator, toy_source, own, transcript, edits):
            touching = [
                bool(codon & set(range(p, p + edit[1])))
                if edit[1]
                else p in codon and p - 1 in codon
                for p, _ in spellings(own, *edit)
            ]
            if codon == start:
                assert ("start_lost" in found.consequences) == all(touching), (edit, found)
                assert all(touching) or "Met1?" not in str(found.hgvs_p), (edit, found)
                if any(touching) and not all(touching):
                    kept += 1
                    assert found.truncating or "note-start-whole" in found.notes, (edit, found)
                    assert found.hgvs_p == "p.?" or found.truncating
            elif any(touching):
                after, before = own.protein(*edit), own.protein().split("*")[0]
                same = after.startswith(before + "*")
                longer = after.startswith(before) and not same
                assert not same or not found.truncating, (edit, found)
                lost = "stop_lost" in found.consequences
                assert lost or not longer, (edit, found)
                assert not lost or not (same or found.truncating), (edit, found)
                kept += same and not all(touching)
            assert str(found.hgvs_c).partition(":")[2] == name(own, *edit)
        assert kept


REPLACED = st.tuples(st.integers(1, 9), st.text("ACGT", min_size=1, max_size=9))


@settings(
    max_examples=examples(400),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    gene=st.sampled_from(GENES),
    border=st.integers(0, 5),
    shift=st.integers(-9, 9),
    replaced=REPLACED,
    keep=st.sampled_from(["any", "pair", "ends"]),
)
def test_replacements_under_their_shortest_alignments(
    annotator: Annotator,
    toy: Reference,
    toy_source: SequenceSource,
    gene: str,
    border: int,
    shift: int,
    replaced: tuple[int, str],
    keep: str,
) -> None:
    """Callers write two neighbouring changes as one: the pair between them may be whole."""
    transcript = load_transcripts(toy, BUILD)[gene]
    own = gene_of(transcript, toy_source)
    pair = own.pairs()[border]
    (removed, added), start = replaced, pair[0] + shift
    if keep != "any":
        # Around the pair, with the pair in it: changes on both sides of it.
        start, removed = pair[0] - abs(shift) % 4 - 1, abs(shift) % 4 + 2 + removed
        added = added[:3] + own.at(*pair) + (added[3:] if keep == "pair" else added[-1])
    ref, alt = own.at(start, start + removed), added
    if ref[0] == alt[0] or ref[-1] == alt[-1] or (len(ref) == len(alt) == 1):
        return
    key = normalise_key(VariantKey("2", start + 1, ref, alt), toy_source)
    found = next(a for a in annotator.annotate([key])[key] if a.gene == gene)
    touched = [p for p in own.pairs() if start < p[1] and start + removed > p[0]]
    lost = any(not keeps_pair(own, p, start, removed, added) for p in touched)
    assert bool(SPLICE & set(found.consequences)) == lost, (found, lost)
    if lost:
        assert found.direction is Direction.LOSS
    elif touched and not found.truncating:
        assert found.direction_basis == "direction-basis-splice-site-whole"


@settings(
    max_examples=examples(200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    gene=st.sampled_from(GENES),
    border=st.integers(0, 5),
    before=st.integers(1, 6),
    behind=st.integers(1, 6),
    bases=st.text("ACGT", min_size=2, max_size=2),
)
def test_substitutions_on_both_sides_of_a_pair_leave_it_whole(
    annotator: Annotator,
    toy: Reference,
    toy_source: SequenceSource,
    gene: str,
    border: int,
    before: int,
    behind: int,
    bases: str,
) -> None:
    transcript = load_transcripts(toy, BUILD)[gene]
    own = gene_of(transcript, toy_source)
    low, high = (own.pairs()[border][0] - before, own.pairs()[border][1] + behind)
    ref = own.at(low, high)
    if bases[0] == ref[0] or bases[1] == ref[-1]:
        return
    key = VariantKey("2", low + 1, ref, bases[0] + ref[1:-1] + bases[1])
    (found,) = annotator.annotate([key])[key]
    assert not SPLICE & set(found.consequences), found
    assert "splice_region_variant" in found.consequences


def test_names_agree_with_another_program(toy: Reference, toy_source: SequenceSource) -> None:
    """hgvs-weaver shifts within exons only: it is asked there."""
    transcripts = load_transcripts(toy, BUILD)
    namer, other = HgvsNamer(transcripts, toy_source), OtherNamer(transcripts, toy_source)
    chance = random.Random(11)
    for gene in GENES:
        transcript = transcripts[gene]
        own = gene_of(transcript, toy_source)
        for _ in range(400):
            low, high = chance.choice(transcript.coding)
            start = chance.randrange(low + 25, high - 40)
            removed = chance.choice([0, 0, 1, 2, 3, 5])
            added = "".join(chance.choice("ACGT") for _ in range(chance.choice([0, 1, 2, 3])))
            if chance.random() < 0.3 and not removed:
                added = own.at(start, start + chance.randrange(1, 5))
            key = normalise_key(key_of(own, "2", (start, removed, added)), toy_source)
            if key.ref == key.alt:
                continue
            theirs = other.coding_name(key, transcript)
            assert namer.name_coding(key, transcript) == theirs, key


def test_table_checks_and_annotation_give_one_name(
    package: Reference, shipped: SequenceSource
) -> None:
    transcript = load_transcripts(package, shipped.build)["SCN1A"]
    namer = HgvsNamer({"SCN1A": transcript}, shipped)
    genome = Genome.load(package.path, shipped.build.value, package.rows(CuratedTranscript))
    own = gene_of(transcript, shipped)
    chance = random.Random(2)
    named = 0
    for start, end in transcript.introns[2:]:
        for edge in (start, end):
            place = edge + chance.randrange(-12, 12)
            for removed, added in ((1, ""), (2, ""), (0, own.at(place, place + 2)), (2, "AC")):
                key = key_of(own, "2", (place, removed, added))
                if "N" in key.ref:
                    continue
                theirs = coding_change(genome, "SCN1A", "2", key.pos, key.ref, key.alt)
                ours = namer.name_coding(key, transcript)
                assert (ours or ":").partition(":")[2] == (theirs or "")
                named += ours is not None
    assert named > 150


@pytest.mark.parametrize("gene", GENES)
def test_long_deletions_are_named(
    annotator: Annotator, toy: Reference, toy_source: SequenceSource, genome: str, gene: str
) -> None:
    """From one intron into another, below and above the length of a structural variant."""
    own = gene_of(load_transcripts(toy, BUILD)[gene], toy_source)
    for first, last in ((690, 820), (690, 1200), (600, 1750)):
        low, high = (first, last) if gene == "FWD" else (LENGTH - last, LENGTH - first)
        key = normalise_key(
            VariantKey("2", low, genome[low - 1 : high], genome[low - 1]), toy_source
        )
        (found,) = annotator.annotate([key])[key]
        assert found.truncating
        if last < 1700:
            assert str(found.hgvs_c).partition(":")[2] == name(own, low, high - low, "")


def test_no_change_has_a_name(toy: Reference, toy_source: SequenceSource, genome: str) -> None:
    namer = HgvsNamer(load_transcripts(toy, BUILD), toy_source)
    transcript = load_transcripts(toy, BUILD)["FWD"]
    place = CDS[0] + 20
    key = VariantKey("2", place + 1, genome[place], genome[place])
    assert namer.name(key, transcript).coding == "NM_000001.1:c.21="


def whole_and_start(
    annotator: Annotator, toy: Reference, source: SequenceSource
) -> list[tuple[VariantKey, SiteAnnotation]]:
    """Find one toy variant that leaves a splice site, and one that leaves the start codon whole."""
    found = []
    for wanted in ("note-splice-site-whole", "note-start-whole"):
        transcript = load_transcripts(toy, BUILD)["FWD"]
        own = gene_of(transcript, source)
        places = [transcript.cds_start, *(p for i in transcript.introns for p in i)]
        edits = list(indels(own, places, 6, random.Random(1)))
        edit, annotation = next(
            (e, a)
            for e, a in annotate(annotator, source, own, transcript, edits)
            if wanted in a.notes
        )
        found.append((normalise_key(key_of(own, "2", edit), source), annotation))
    return found


def observed(key: VariantKey) -> ObservedVariant:
    return ObservedVariant(
        sample=0,
        key=key,
        copies=1,
        ploidy=2,
        phase_sets=(),
        haplotypes=(1,),
        depth=30,
        quality=99,
        ref_reads=15,
        alt_reads=15,
        status=SiteStatus.CALLED,
    )


def test_what_may_be_lost_is_never_hidden_and_never_normal(
    annotator: Annotator, toy: Reference, toy_source: SequenceSource
) -> None:
    for key, annotation in whole_and_start(annotator, toy, toy_source):
        (finding,) = make_findings([observed(key)], {key: (annotation,)}, {})
        assert finding.direction is Direction.NOT_DETERMINED
        assert not finding.truncating
        assert finding.direction_basis.endswith("-whole")
        normal = GeneResult(
            "FWD", GeneStatus.COMPLETE, "genotype", (), 1, ("Normal Metabolizer",), ()
        )
        result = apply_novel_loss_of_function(
            {"FWD": normal}, [Carriers("FWD", key, (0,))], {key: (annotation,)}
        )["FWD"]
        assert result.phenotypes == (INDETERMINATE,)
        assert result.caveats == ("caveat-novel-site-may-be-lost",)


def test_every_site_has_its_sentences(reference: Reference) -> None:
    said = {r.id for r in reference.rows(CuratedText)}
    assert said >= {
        *BASIS_OF_WHOLE_SITE,
        *BASIS_OF_WHOLE_SITE.values(),
        "caveat-novel-site-may-be-lost",
    }


def test_a_class_holds_in_every_spelling(
    toy: Reference, toy_source: SequenceSource, tmp_path: Path
) -> None:
    """A table may spell a deletion in a repeat at another place than it is known under here."""
    transcript = load_transcripts(toy, BUILD)["FWD"]
    own = gene_of(transcript, toy_source)
    start = next(
        p for p in range(CDS[0] + 30, CDS[0] + 110) if own.at(p, p + 1) == own.at(p + 1, p + 2)
    )
    ref = own.at(start, start + 2)
    right = VariantKey("2", start + 1, ref, ref[0])
    package = write_toy(tmp_path / "toy")
    path = package.path / "classified_variants.tsv"
    columns = path.read_text(encoding="utf-8").strip().split("\t")
    cells = {
        "variant": "toy",
        "gene": "FWD",
        "chrom": "2",
        "classification": "pathogenic",
        "source": "toy",
        "hgvs_c": "c.1del",
        "hgvs_p": "p.?",
        "verified": "yes",
        "grch38_pos": str(right.pos),
        "grch38_ref": right.ref,
        "grch38_alt": right.alt,
        "grch37_pos": str(right.pos),
        "grch37_ref": right.ref,
        "grch37_alt": right.alt,
    }
    row = "\t".join(cells.get(c, ".") for c in columns)
    path.write_text("\t".join(columns) + "\n" + row + "\n", encoding="utf-8")
    key = normalise_key(right, toy_source)
    assert key != right
    annotator = Annotator(load_reference(package.path), BUILD, toy_source)
    (found,) = annotator.annotate([key])[key]
    assert found.curated_id == "toy"
    assert [c.classification.value for c in found.classifications] == ["pathogenic"]
