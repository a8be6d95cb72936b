"""A classified change that the file writes as several neighbouring records."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.calling.class_file import read_classifications
from epilepsy_pgx.calling.classifications import match_classes
from epilepsy_pgx.calling.findings import make_findings
from epilepsy_pgx.calling.joined import UNPROVED, mark_joined, match_joined, settle_joined
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.pipeline.gene_coverage import may_be, may_be_several
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant
from epilepsy_pgx.variants.annotate import JOINED, JOINT_NOTE, JOINT_POSSIBLE, Annotator
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.sequence import open_sequences
from epilepsy_pgx.variants.targets_coding import PATHOGENIC
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.calling.test_clinvar import clinvar_of
from tests.intake.test_clinvar import text
from tests.variants.test_joined import seen

CALLS = {"1/1": True, "0|1": True, "0/1": False}
"""Whether records with a genotype are proved to lie on one copy."""
SLC22A5 = (VariantKey("5", 132392489, "G", "A"), VariantKey("5", 132392490, "C", "T"))
ALSO = (VariantKey("5", 132392489, "G", "C"), VariantKey("5", 132392490, "C", "A"))
"""Two records that are nothing together in the tables."""


@pytest.fixture(scope="module", params=list(GenomeBuild))
def annotator(request: pytest.FixtureRequest, package: Reference) -> Annotator:
    return Annotator(package, request.param, open_sequences(package, request.param))


def observe(keys: tuple[VariantKey, ...], call: str) -> list[ObservedVariant]:
    made = [replace(seen(k.pos, k.ref, k.alt, call), key=k) for k in keys]
    return [
        replace(v, phase_sets=tuple(replace(p, chrom=v.key.chrom) for p in v.phase_sets))
        for v in made
    ]


def split(key: VariantKey) -> Iterator[tuple[VariantKey, ...]]:
    """Yield ways in which callers write a change as several records."""
    chrom, pos, ref, alt = key.chrom, key.pos, key.ref, key.alt
    if len(ref) == len(alt):
        bases = enumerate(zip(ref, alt, strict=True))
        parts = tuple(VariantKey(chrom, pos + i, a, b) for i, (a, b) in bases if a != b)
        if len(parts) > 1:
            yield parts
    elif min(len(ref), len(alt)) > 1 and ref[0] != alt[0]:
        # One base replaced, and what is added or taken directly behind it.
        least = min(len(ref), len(alt))
        same = all(a == b for a, b in zip(ref[1:least], alt[1:least], strict=True))
        last = VariantKey(chrom, pos + least - 1, ref[least - 1 :], alt[least - 1 :])
        if same:
            yield VariantKey(chrom, pos, ref[0], alt[0]), last
    elif alt == ref[0] and 3 <= len(ref) <= 40 and ref[1] != ref[-1]:
        # In a repeat no caller writes the two at one place.
        tail = VariantKey(chrom, pos + 1, ref[1:], ref[1])
        yield VariantKey(chrom, pos, ref[:2], ref[0]), tail


@pytest.mark.parametrize("call", CALLS)
def test_every_listed_change_is_found_in_several_records(
    annotator: Annotator, package: Reference, call: str
) -> None:
    wanted: dict[tuple[str, VariantKey, tuple[VariantKey, ...]], ClassifiedVariant] = {}
    for row in package.rows(ClassifiedVariant):
        place = row.place(annotator.build)
        if place is not None and row.classification in PATHOGENIC:
            whole = VariantKey(row.chrom, *place)
            wanted |= {(row.gene, whole, parts): row for parts in split(whole)}
    made = {w: annotator.join(observe(w[2], call)) for w in wanted}
    keys = {j.variant.key for found in made.values() for j in found}
    annotations = annotator.annotate(keys | {k for _, _, parts in wanted for k in parts})
    kinds = set()
    for (gene, whole, parts), joined in made.items():
        known = settle_joined(joined, annotations, {})
        told = known.variants if CALLS[call] else known.possible
        sites = [a for v in told for a in annotations[v.key] if a.gene == gene]
        assert any(a.classifications or a.may_be for a in sites), (gene, whole, parts)
        if not CALLS[call]:
            assert not known.sure
        else:
            assert {v.copies for v in told} == {2 if call == "1/1" else 1}
        absent = any(may_be(p, whole) for p in parts) or may_be_several(parts, whole)
        assert absent, (whole, parts)
        kinds.add((len(whole.ref) > len(whole.alt)) - (len(whole.ref) < len(whole.alt)))
    assert len(made) > 300
    assert {0, 1} <= kinds


@pytest.fixture(scope="module")
def own(package: Reference) -> Annotator:
    return Annotator(package, GenomeBuild.GRCH38, open_sequences(package, GenomeBuild.GRCH38))


@pytest.mark.parametrize("call", CALLS)
def test_the_class_of_a_laboratory_belongs_to_the_whole(
    tmp_path: Path, package: Reference, own: Annotator, call: str
) -> None:
    path = tmp_path / "classes.tsv"
    written = "GRCh38\t5\t132392489\tGC\tCA\tlikely pathogenic\tL\n"
    path.write_text(f"build\tchrom\tpos\tref\talt\tclass\tlaboratory\n{written}", encoding="utf-8")
    source = open_sequences(package, own.build)
    rows = read_classifications(path, own.build, package, source).rows
    mine = observe(ALSO, call)
    joined = own.join(mine)
    annotations = own.annotate([*(v.key for v in mine), *(j.variant.key for j in joined)])
    compare = own.listed.compare
    before = match_classes(rows, {v.key: annotations[v.key] for v in mine}, compare)
    after = match_joined(before, joined, annotations, compare)
    known = settle_joined(joined, annotations, after.classes)
    whole = VariantKey("5", 132392489, "GC", "CA")
    if CALLS[call]:
        assert [*after.classes] == [whole]
        assert not after.unused
        assert [v.key for v in known.variants] == [whole]
        assert not known.without_parts(mine)
    else:
        assert not after.classes
        assert [reason for _, reason in after.unused] == [UNPROVED]
        assert not known.variants
        assert known.without_parts(mine) == mine


@pytest.mark.parametrize("call", CALLS)
def test_the_class_of_a_copy_of_clinvar_belongs_to_the_whole(
    tmp_path: Path, package: Reference, own: Annotator, call: str
) -> None:
    content = text(rows=[("5", 132392489, "GC", "CA", "CLNSIG=Pathogenic")])
    source = open_sequences(package, own.build)
    copy = clinvar_of(tmp_path, package, source, content)
    copy.targets = [("5", 132392000, 132393000)]
    mine = observe(ALSO, call)
    joined = own.join(mine)
    annotations = own.annotate([*(v.key for v in mine), *(j.variant.key for j in joined)])
    known = settle_joined(joined, copy.add_to(annotations), {})
    assert (bool(known.sure), bool(known.open)) == (CALLS[call], not CALLS[call])
    assert settle_joined(joined, annotations, {}).variants == []


@pytest.mark.parametrize("call", CALLS)
def test_findings_say_what_is_written_as_several_records(own: Annotator, call: str) -> None:
    mine = observe(SLC22A5, call)
    joined = own.join(mine)
    annotations = own.annotate([*(v.key for v in mine), *(j.variant.key for j in joined)])
    known = settle_joined(joined, annotations, {})
    made = make_findings([*mine, *known.variants], annotations, {}, with_unjudged=True)
    found = {str(f.key): f for f in mark_joined(made, known, annotations)}
    parts = [found.pop(str(k)) for k in SLC22A5]
    note = JOINT_NOTE if CALLS[call] else JOINT_POSSIBLE
    assert all(note in f.notes for f in parts)
    assert {f.classification.value for f in parts} == {"not_classified"}
    wholes = [(f.curated_id, f.classification.value) for f in found.values()]
    assert wholes == ([("ClinVar:6428", "pathogenic")] if CALLS[call] else [])
    assert all(JOINED in f.notes for f in found.values())
