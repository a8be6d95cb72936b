import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.model import FunctionalEvidence, VariantKey
from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    AlignedProtein,
    ClassifiedVariant,
    CuratedText,
    FunctionalEffect,
    IsoformNumbering,
    ProteinFeature,
)
from epilepsy_pgx.statement import Evidence
from epilepsy_pgx.variants.annotate import Annotator, SiteAnnotation, annotate_sites
from epilepsy_pgx.variants.consequence import TRUNCATING
from epilepsy_pgx.variants.evidence import EvidenceTables, direction_of_effect, load_evidence
from epilepsy_pgx.variants.hgvs import HgvsNamer
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import Classification, Direction, GenomeBuild
from tests.toy.genome import coding_places
from tests.toy.package import write_table, write_toy

GENE = "SCN1A"
LOSS, GAIN, MIXED = Direction.LOSS, Direction.GAIN, Direction.MIXED
OPEN, CONFLICT = Direction.NOT_DETERMINED, Direction.CONFLICTING


@pytest.fixture(scope="session")
def read(package: Reference, shipped: SequenceSource) -> Callable[[str], SiteAnnotation]:
    """Annotate a coding name on the shipped gene."""
    transcript = load_transcripts(package, shipped.build)[GENE]
    namer = HgvsNamer({GENE: transcript}, shipped)
    annotator = Annotator(package, shipped.build, shipped)

    def annotate(name: str) -> SiteAnnotation:
        key = namer.locate_coding_name(f"{transcript.accession}:{name}")
        assert key is not None, name
        key = normalise_key(key, shipped)
        (annotation,) = annotator.annotate([key])[key]
        return annotation

    return annotate


def row(direction: Direction, verified: bool) -> FunctionalEvidence:
    return FunctionalEvidence(
        "exact", "G", "p.Ala2Val", direction, "m", Evidence("s", ".", (), "t", "r", verified)
    )


@pytest.mark.parametrize(
    ("entries", "expected", "basis"),
    [
        ([], OPEN, "untested"),
        ([(GAIN, True)], GAIN, "tested"),
        ([(GAIN, False)], OPEN, "unverified"),
        ([(GAIN, True), (GAIN, False)], GAIN, "tested"),
        ([(GAIN, True), (LOSS, True)], CONFLICT, "conflict"),
        ([(GAIN, True), (LOSS, False)], CONFLICT, "conflict"),
        ([(GAIN, True), (MIXED, True)], CONFLICT, "conflict"),
        ([(CONFLICT, False)], CONFLICT, "conflict"),
        ([(GAIN, True), (OPEN, False)], GAIN, "tested"),
        ([(OPEN, False)], OPEN, "untested"),
        ([(Direction.NONE, True)], OPEN, "untested"),
        ([(MIXED, True)], MIXED, "tested"),
    ],
)
def test_direction_of_a_missense_variant(
    entries: list[tuple[Direction, bool]], expected: Direction, basis: str
) -> None:
    exact = [row(d, v) for d, v in entries]
    assert direction_of_effect(("missense_variant",), exact) == (
        expected,
        f"direction-basis-{basis}",
    )


@pytest.mark.parametrize("term", sorted(TRUNCATING))
@pytest.mark.parametrize("direction", [GAIN, MIXED, CONFLICT])
def test_truncation_is_loss_whatever_was_tested(term: str, direction: Direction) -> None:
    assert direction_of_effect((term,), [row(direction, True)])[0] is LOSS


def test_readers_of_names() -> None:
    assert ProteinChange.read("p.(Thr226Met)").residues == (226, 226)
    assert ProteinChange.read("p.(Lys5_Gly9del)").residues == (5, 9)
    assert ProteinChange.read("p.(Ala1343ProfsTer3)").residues == (1343, 1343)
    assert ProteinChange.read("p.(Ter2010TyrextTer7)").residues == (2010, 2010)
    assert ProteinChange.read("p.?").residues is None
    assert ProteinChange.read("p.(Thr226Met)").substitution == "p.Thr226Met"
    for other in ("p.(Thr226=)", "p.(Met1?)", "p.(Lys5_Gly9del)"):
        assert ProteinChange.read(other).substitution is None


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("c.677C>T", CONFLICT),  # T226M: gain in one source, mixed in another
        ("c.4494C>G", CONFLICT),  # I1498M
        ("c.4946T>A", CONFLICT),  # L1649Q
        ("c.2345C>T", GAIN),  # T782I
        ("c.4871T>C", GAIN),  # L1624P
        ("c.787C>G", GAIN),  # L263V
        ("c.434T>C", LOSS),  # M145T
        ("c.1178G>A", LOSS),  # R393H
        ("c.4493T>C", OPEN),  # I1498T: beside the inactivation motif, never tested
        ("c.4465C>A", OPEN),  # Q1489K: references pooled over two variants
        ("c.3199G>A", OPEN),  # A1067T
    ],
)
def test_known_variants(
    read: Callable[[str], SiteAnnotation], name: str, direction: Direction
) -> None:
    annotation = read(name)
    assert annotation.consequences[0] == "missense_variant"
    assert annotation.direction is direction, annotation.functional


def test_position_gives_no_direction(package: Reference, shipped: SequenceSource) -> None:
    """Every substitution of the protein without a test of its own has no direction."""
    transcript = load_transcripts(package, shipped.build)[GENE]
    keys = []
    for residue in range(2, transcript.residues, 3):
        at = transcript.genome_position(3 * residue - 2)
        base = shipped.fetch("2", at, at + 1)
        assert base is not None
        keys += [VariantKey("2", at + 1, base, b) for b in "ACGT" if b != base]
    untested, named = 0, set()
    for (annotation,) in annotate_sites(keys, shipped.build, package, shipped).values():
        if annotation.truncating or any(e.relation == "exact" for e in annotation.functional):
            continue
        untested += 1
        named |= set(annotation.features)
        assert annotation.direction is OPEN
    assert untested > 1500
    assert any("IFM" in name for name in named)


def test_paralogues_are_context(read: Callable[[str], SiteAnnotation]) -> None:
    annotation = read("c.2345C>G")  # T782R: the aligned residues of two sister genes were tested
    relations = {(e.relation, e.gene, e.protein_change) for e in annotation.functional}
    assert ("same residue", "SCN1A", "p.Thr782Ile") in relations
    assert ("paralogue", "SCN8A", "p.Thr767Ile") in relations
    assert annotation.direction is OPEN


def test_same_residue_is_context(read: Callable[[str], SiteAnnotation]) -> None:
    annotation = read("c.4871T>G")  # L1624R, beside L1624P and L1624Q
    assert {e.protein_change for e in annotation.functional if e.relation == "same residue"} == {
        "p.Leu1624Pro",
        "p.Leu1624Gln",
    }
    assert annotation.direction is OPEN


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("c.677C>T", None),
        ("c.2010G>A", None),
        ("c.2345C>T", "c.2312C>T p.(Thr771Ile)"),
        ("c.5741_5742del", "c.5708_5709del p.(Gln1903ArgfsTer30)"),
        ("c.4413_4414insCA", "c.4380_4381insCA p.(Phe1461HisfsTer5)"),
        ("c.4476+2T>C", "c.4443+2T>C p.?"),
    ],
)
def test_legacy_numbering(
    read: Callable[[str], SiteAnnotation], name: str, alias: str | None
) -> None:
    annotation = read(name)
    if alias is None:
        assert annotation.aliases == ()
    else:
        (found,) = annotation.aliases
        assert found.isoform == "1998-residue isoform"
        assert found.name.split(" p.")[0] == alias.split(" p.")[0]


@pytest.mark.parametrize(
    ("name", "escapes"),
    [("c.5995C>T", True), ("c.5896G>T", True), ("c.664C>T", False), ("c.5741_5742del", True)],
)
def test_decay_escape(read: Callable[[str], SiteAnnotation], name: str, escapes: bool) -> None:
    annotation = read(name)
    assert annotation.truncating
    assert annotation.direction is LOSS
    assert ("note-decay-escape" in annotation.notes) is escapes


def test_class_of_another_source_never_acts(read: Callable[[str], SiteAnnotation]) -> None:
    annotation = read("c.677C>T")
    assert [c.classification for c in annotation.classifications] == [Classification.PATHOGENIC]
    assert not any(c.act for c in annotation.classifications)
    assert annotation.curated_id == "VCV000068578"


def test_curated_site_of_a_gene_without_sequence(package: Reference) -> None:
    key = VariantKey("15", 89327201, "C", "T")
    build = GenomeBuild.GRCH38
    source = replace(open_sequences(package, build), covered=frozenset())
    (annotation,) = annotate_sites([key], build, package, source)[key]
    assert annotation.status == "no_sequence"
    assert annotation.hgvs_p == "p.(Ala467Thr)"
    assert annotation.consequences == ("missense_variant",)
    assert "note-no-sequence" in annotation.notes
    assert annotation.classifications[0].classification is Classification.PATHOGENIC
    assert not annotation.classifications[0].act


def test_features_of_the_toy(tmp_path: Path, genome: str) -> None:
    ref = write_toy(tmp_path)
    source = open_sequences(ref, GenomeBuild.GRCH38)
    place = coding_places("FWD")[3 * 6]
    base = genome[place]
    found = set()
    for alt in "ACGT".replace(base, ""):
        key = VariantKey("2", place + 1, base, alt)
        (annotation,) = annotate_sites([key], GenomeBuild.GRCH38, ref, source)[key]
        found.add(annotation.features)
    assert found == {("gate",)}


def test_table_evidence_reaches_the_variant(tmp_path: Path, genome: str) -> None:
    place = coding_places("FWD")[3 * 6]
    ref = write_toy(tmp_path)
    source = open_sequences(ref, GenomeBuild.GRCH38)
    for alt in "ACGT".replace(genome[place], ""):
        key = VariantKey("2", place + 1, genome[place], alt)
        (before,) = annotate_sites([key], GenomeBuild.GRCH38, ref, source)[key]
        change = before.protein.substitution
        if change is not None:
            break
    assert change is not None
    for directions, verified, expected in (
        (["gain_of_function"], "yes", GAIN),
        (["gain_of_function"], "no", OPEN),
        (["gain_of_function", "loss_of_function"], "yes", CONFLICT),
    ):
        write_table(
            tmp_path,
            "functional_evidence",
            "gene protein_change residue entry direction method source citations verified note",
            [
                f"FWD ; {change} ; 7 ; {i} ; {d} ; m ; s ; PMID:1 ; {verified} ; ."
                for i, d in enumerate(directions, 1)
            ],
        )
        tables = EvidenceTables(Reference(tmp_path), GenomeBuild.GRCH38)
        assert [e.direction for e in tables.functional("FWD", before.protein)] == directions
        (after,) = annotate_sites([key], GenomeBuild.GRCH38, Reference(tmp_path), source)[key]
        assert after.direction is expected


def test_tables_fit_the_protein(package: Reference) -> None:
    """Each row names the residue that its protein has there, and stays inside the protein."""
    proteins = {r.gene: r.aligned.replace("-", "") for r in package.rows(AlignedProtein)}
    assert len({len(r.aligned) for r in package.rows(AlignedProtein)}) == 1
    three = dict(
        zip(
            "Ala Cys Asp Glu Phe Gly His Ile Lys Leu "
            "Met Asn Pro Gln Arg Ser Thr Val Trp Tyr".split(),
            "ACDEFGHIKLMNPQRSTVWY",
            strict=True,
        )
    )
    # Where no protein is known, the residue that the classified variants name there must agree.
    named = {
        (r.gene, int(m[2])): m[1]
        for r in package.rows(ClassifiedVariant)
        if (m := re.match(r"p\.([A-Z][a-z]{2})(\d+)", r.hgvs_p or ""))
    }
    wrong, compared = [], 0
    for item in package.rows(FunctionalEffect):
        change, residue = item.protein_change, item.residue
        assert str(residue) in change
        protein = proteins.get(item.gene)
        if protein is None:
            there = named.get((item.gene, residue))
            compared += there is not None
            if there not in (None, change[2:5]):
                wrong.append((item.gene, change))
        elif protein[residue - 1] != three[change[2:5]]:
            wrong.append((item.gene, change))
    assert wrong == []
    assert compared > 50
    for item in package.rows(ProteinFeature):
        start, end = item.start, item.end
        assert 1 <= start <= end <= len(proteins[item.gene])


def test_gain_needs_a_source_for_the_change(package: Reference) -> None:
    """No row may give a direction on pooled references or on memory."""
    for item in package.rows(FunctionalEffect):
        if item.verified:
            assert item.citations, item
            assert "memory" not in item.source
            assert "pooled" not in (item.note or "")


def test_changes_that_withhold_a_warning(package: Reference) -> None:
    """Gain of function withholds the text about blockers: each such change is a decision."""
    tables = EvidenceTables(package, GenomeBuild.GRCH38)
    changes = {r.protein_change for r in package.rows(FunctionalEffect) if r.gene == GENE}
    gains = set()
    for change in changes:
        evidence = tables.functional(GENE, ProteinChange.read(change))
        exact = [e for e in evidence if e.relation == "exact"]
        assert exact
        if direction_of_effect(("missense_variant",), exact)[0] is GAIN:
            gains.add(change)
    assert gains == {"p.Leu263Val", "p.Thr782Ile", "p.Met1500Val", "p.Leu1624Pro", "p.Phe1774Ser"}


def test_classified_variants_lie_on_the_sequence(package: Reference) -> None:
    for build in GenomeBuild:
        source = open_sequences(package, build)
        checked = 0
        for item in package.rows(ClassifiedVariant):
            pos, ref, _ = item.place(build)
            bases = source.fetch(item.chrom, pos - 1, pos - 1 + len(ref))
            if bases is not None:
                checked += 1
                assert bases == ref, item
        assert checked > 550


def test_classified_variants_have_their_names(package: Reference) -> None:
    """The curated names are those that the naming engine gives."""
    for build in GenomeBuild:
        source = open_sequences(package, build)
        transcripts = load_transcripts(package, build)
        namer = HgvsNamer(transcripts, source)
        differ = []
        for item in package.rows(ClassifiedVariant):
            gene = item.gene
            if gene not in source.covered or item.hgvs_c is None:
                continue
            key = VariantKey(item.chrom, *item.place(build))
            names = namer.name(key, transcripts[gene])
            if names.coding is None:
                continue
            if names.coding.split(":")[1] != item.hgvs_c:
                differ.append((item.variant, names.coding, item.hgvs_c))
            protein = str(names.protein or "").replace("(", "").replace(")", "")
            if item.hgvs_p and protein != item.hgvs_p.replace("(", "").replace(")", ""):
                differ.append((item.variant, protein, item.hgvs_p))
        assert differ == []


def test_isoforms_shift_whole_codons(package: Reference) -> None:
    """Where the shift holds to the end, it is the difference of the lengths."""
    for item in package.rows(IsoformNumbering):
        first, shift = item.first, item.shift
        transcript = load_transcripts(package, GenomeBuild.GRCH38)[item.gene]
        assert shift % 3 == 0
        last = item.last
        if last is None:
            assert transcript.residues + shift // 3 == item.residues
        else:
            assert first < last <= transcript.coding_length


@pytest.mark.parametrize(
    ("gene", "coding", "protein", "names"),
    [
        ("BTD", "NM_001370658.1:c.1270G>C", "p.Asp424His", ("c.1330G>C p.Asp444His",)),
        ("BTD", "NM_001370658.1:c.-17+1G>A", None, ("c.44+1G>A",)),
        ("HLCS", "NM_001352514.2:c.1963C>T", "p.Arg655Trp", ("c.1522C>T p.Arg508Trp",)),
        ("HLCS", "NM_001352514.2:c.10C>T", None, ()),
        ("KCNT1", "NM_020822.3:c.1283G>A", "p.Arg428Gln", ("c.1226G>A p.Arg409Gln",)),
        ("KCNT1", "NM_020822.3:c.3319C>T", "p.Arg1107Trp", ()),
        ("SCN5A", "NM_000335.5:c.5621T>C", "p.Val1874Ala", ("c.5624T>C p.Val1875Ala",)),
        ("SCN5A", "NM_000335.5:c.100C>T", "p.Arg34Cys", ()),
        ("UBE3A", "NM_130839.5:c.10del", None, ("c.19del",)),
        (
            "UBE3A",
            "NM_130839.5:c.1693G>A",
            "p.Gly565Arg",
            ("c.1633G>A p.Gly545Arg", "c.1702G>A p.Gly568Arg"),
        ),
        ("BTD", "NM_001370658.1:c.*330G>A", None, ()),
    ],
)
def test_names_in_the_numbers_of_the_literature(
    package: Reference, gene: str, coding: str, protein: str | None, names: tuple[str, ...]
) -> None:
    change = None if protein is None else ProteinChange.read(protein)
    found = load_evidence(package, GenomeBuild.GRCH38).aliases(gene, coding, change)
    assert tuple(a.name for a in found) == names


def test_texts_exist(package: Reference) -> None:
    """Every text id in the code of this part is a row."""
    import re

    folder = Path(__file__).resolve().parents[2] / "src" / "epilepsy_pgx"
    known = {r.id for r in package.rows(CuratedText)}
    used = set()
    for name in ("variants/annotate", "variants/evidence", "calling/findings"):
        text = (folder / f"{name}.py").read_text(encoding="utf-8")
        used |= set(re.findall(r'"((?:note|direction-basis)-[a-z-]+)"', text))
    assert len(used) > 15
    assert used <= known, used - known


@pytest.mark.parametrize(
    ("gene", "change"),
    [("SCN8A", "p.Arg1872Trp"), ("KCNQ2", "p.Arg201Cys"), ("KCNA2", "p.Leu298Phe")],
)
def test_a_label_without_its_paper_gives_no_direction(
    package: Reference, gene: str, change: str
) -> None:
    tables = EvidenceTables(package, GenomeBuild.GRCH38)
    evidence = tables.functional(gene, ProteinChange.read(change))
    exact = [e for e in evidence if e.relation == "exact"]
    assert exact
    assert direction_of_effect(("missense_variant",), exact) == (OPEN, "direction-basis-unverified")


@pytest.mark.parametrize(
    ("gene", "change", "direction"),
    [
        ("KCNQ2", "p.Ser247Leu", LOSS),
        ("KCNA1", "p.Leu296Phe", GAIN),
        ("KCNA2", "p.Arg297Gln", GAIN),
        ("KCNH2", "p.Asn588Lys", GAIN),
        ("KCNQ1", "p.Val141Met", GAIN),
        ("GABRB3", "p.Leu170Arg", GAIN),
        ("GABRB3", "p.Thr288Asn", LOSS),
        ("GRIN2A", "p.Asn615Lys", MIXED),
        ("SLC6A1", "p.Gly297Arg", LOSS),
        ("SLC6A1", "p.Ile13Val", OPEN),
    ],
)
def test_a_paper_that_names_the_change_gives_its_direction(
    package: Reference, gene: str, change: str, direction: Direction
) -> None:
    tables = EvidenceTables(package, GenomeBuild.GRCH38)
    exact = tables.functional(gene, ProteinChange.read(change))
    exact = tuple(e for e in exact if e.relation == "exact")
    assert direction_of_effect(("missense_variant",), exact)[0] is direction


@pytest.mark.parametrize(
    ("words", "language"),
    [
        (r"not (yet )?measured|unmeasured|nothing is known|no functional test is known", "en"),
        (
            r"no se (midió|ha medido)|no (está )?medid[oa]|sin medir|no se conoce el efecto|"
            r"sin ensayo funcional conocido",
            "es",
        ),
    ],
)
def test_what_these_tables_lack_is_not_called_unmeasured(
    package: Reference, words: str, language: str
) -> None:
    about = re.compile(r"direction-basis-|^(short-)?(therapy|rule)-")
    said = [
        r.id
        for r in package.rows(CuratedText)
        if r.language == language and about.search(r.id) and re.search(words, r.text, re.I)
    ]
    assert said == []
