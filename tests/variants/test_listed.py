"""Every listed variant is read, in every gene and both builds, whatever bases are installed."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, Contig, Gene
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.statement import Value, ValueKind
from epilepsy_pgx.variants.annotate import Annotator, SiteAnnotation
from epilepsy_pgx.variants.consequence import TRUNCATING
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.targets_coding import coding_targets
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import CallMethod, Direction, GenomeBuild

PATHOGENIC = ("pathogenic", "likely_pathogenic")
UNLISTED = {"CACNA1H", "CHRNA2"} | {
    # No class of these has been read yet: they are read with a FASTA alone.
    *("GCH1", "MMACHC", "MMUT", "NHLRC1", "PCCA", "PCCB"),
    *("PSAT1", "PSPH", "PTS", "QDPR", "SLC35A2", "SPR"),
}
"""Genes of the tables without a listed variant: nothing is known to be pathogenic there."""
SILENT = {
    "KCNH2": "its rule asks for a tested gain of function",
    "KCNQ1": "its rule asks for a tested gain of function",
    "PC": "no rule names it",
}
"""Genes of whose listed variants nothing is said about therapy, and why."""


def listed(ref: Reference, build: GenomeBuild) -> Iterator[tuple[ClassifiedVariant, VariantKey]]:
    """Yield the rows of the classified variants with their spelling in one build."""
    for row in ref.rows(ClassifiedVariant):
        place = row.place(build)
        if place is not None:
            yield row, VariantKey(row.chrom, *place)


@cache
def annotate_all(
    ref: Reference, build: GenomeBuild, *, shipped: bool = True
) -> list[tuple[ClassifiedVariant, SiteAnnotation | None]]:
    """Annotate every listed variant on its gene, with the bases that ship or without any."""
    source, nothing = open_sequences(ref, build), frozenset[str]()
    if not shipped:
        source = replace(source, slices={}, covered=nothing, coding_only=nothing)
    rows = [(row, normalise_key(key, source)) for row, key in listed(ref, source.build)]
    found = Annotator(ref, source.build, source).annotate([key for _, key in rows])
    return [(row, next((a for a in found[key] if a.gene == row.gene), None)) for row, key in rows]


@pytest.fixture(params=["shipped", "none"])
def annotated(
    request: pytest.FixtureRequest, package: Reference, shipped: SequenceSource
) -> list[tuple[ClassifiedVariant, SiteAnnotation | None]]:
    """Every listed variant, with the bases that ship and without any."""
    return annotate_all(package, shipped.build, shipped=request.param == "shipped")


def test_every_listed_variant_is_known(
    annotated: list[tuple[ClassifiedVariant, SiteAnnotation | None]],
) -> None:
    lost = [
        row.variant
        for row, found in annotated
        if found is None or found.curated_id != row.variant or not found.classifications
    ]
    assert len(annotated) > 4_700
    # Two rows may name one variant; the first of them names the finding.
    assert [v for v in lost if v is not None and v.startswith("ClinVar:")] == []


def test_every_listed_variant_is_read(package: Reference, shipped: SequenceSource) -> None:
    """Its bases lie within what is read of its gene, wherever that is."""
    targets = coding_targets(package, shipped.build)
    for row, key in listed(package, shipped.build):
        start, end = key.pos - 1, key.pos - 1 + len(key.ref)
        assert any(
            t.gene == row.gene and t.coding_start0 <= start and end <= t.coding_end0
            for t in targets
        ), row.variant


def test_a_listed_stop_has_its_direction(
    annotated: list[tuple[ClassifiedVariant, SiteAnnotation | None]],
) -> None:
    """On whatever transcript; of what a splice site loses only the bases can tell."""
    for row, found in annotated:
        assert found is not None
        published = set(row.consequence)
        if {"stop_gained", "frameshift_variant"} & published and "stop_lost" not in published:
            assert TRUNCATING & set(found.consequences), row.variant
            assert found.direction is Direction.LOSS, row.variant


def test_another_transcript_is_named(package: Reference, shipped: SequenceSource) -> None:
    """A stop codon of the other exon 37 of CACNA1A lies in an intron of the main transcript."""
    found = {row.variant: a for row, a in annotate_all(package, shipped.build, shipped=True)}
    there = found["ClinVar:857862"]
    assert there is not None
    assert there.consequences == ("stop_gained", "intron_variant")
    assert "note-other-transcript" in there.notes
    # The donor of an exon of another transcript is no loss of the gene.
    elsewhere = found["ClinVar:1163053"]
    assert elsewhere is not None
    assert elsewhere.direction is Direction.NOT_DETERMINED
    # The nonsense variant of a neighbour that reaches into POLG is none of POLG.
    assert "ClinVar:1012862" not in found


GENES_EACH = 12
"""Genes whose variants one invented patient has."""


def sample_of(name: str, chosen: Mapping[str, VariantKey]) -> str:
    """Return which sample has a chosen variant: those outside the exons have samples apart."""
    alike = [n for n in chosen if n.endswith(".elsewhere") == name.endswith(".elsewhere")]
    kind = "elsewhere" if name.endswith(".elsewhere") else "inside"
    return f"{kind}{alike.index(name) // GENES_EACH}"


def write_patients(
    path: Path, ref: Reference, build: GenomeBuild, chosen: Mapping[str, VariantKey]
) -> None:
    """Write samples that are homozygous for these variants, several genes in each.

    A gene has one variant in one sample, so that its findings are those of this variant alone.
    """
    contigs = [r for r in ref.rows(Contig) if r.build is build]
    order = [r.chrom for r in contigs]
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID={r.chrom},length={r.length}>" for r in contigs]
    lines += [
        f'##FORMAT=<ID={name},Number={count},Type={kind},Description="{name}">'
        for name, count, kind in (
            ("GT", "1", "String"),
            ("DP", "1", "Integer"),
            ("GQ", "1", "Integer"),
            ("AD", "R", "Integer"),
        )
    ]
    owners: dict[VariantKey, set[str]] = {}
    for name, key in chosen.items():
        owners.setdefault(key, set()).add(sample_of(name, chosen))
    samples = sorted(set().union(*owners.values()))
    lines.append(
        "\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *samples])
    )
    for key in sorted(owners, key=lambda k: (order.index(k.chrom), k)):
        calls = ["1/1:30:99:0,30" if s in owners[key] else "0/0:30:99:30,0" for s in samples]
        cells = [key.chrom, str(key.pos), ".", key.ref, key.alt, "60", "PASS", ".", "GT:DP:GQ:AD"]
        lines.append("\t".join([*cells, *calls]))
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


@pytest.fixture(scope="session", params=list(GenomeBuild))
def reports(
    request: pytest.FixtureRequest, package: Reference, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Return the report on a listed variant of each gene, read without a FASTA.

    The first one of each gene, and the first one outside its coding exons.
    """
    build = request.param
    coding = {gene: t.coding for gene, t in load_transcripts(package, build).items()}
    chosen: dict[str, VariantKey] = {}
    for row, key in listed(package, build):
        gene = row.gene
        if row.classification in PATHOGENIC:
            inside = any(low < key.pos <= high for low, high in coding[gene])
            chosen.setdefault(gene if inside else f"{gene}.elsewhere", key)
    folder = tmp_path_factory.mktemp(build.value)
    write_patients(folder / "in.vcf", package, build, chosen)
    options = ["--build", build.value, "--date", "2026-11-28", "--formats", "json"]
    done = CliRunner().invoke(
        commands, ["run", str(folder / "in.vcf"), *options, "--out", str(folder / "out")]
    )
    assert done.exit_code == 0, done.output
    found = {}
    for path in (folder / "out").rglob("*.json"):
        report = json.loads(path.read_text(encoding="utf-8"))
        if "findings" in report:
            found[report["patient"]["sample_id"]] = report
    return {name: found[sample_of(name, chosen)] for name in chosen}


def test_every_gene_has_a_listed_variant(package: Reference, reports: dict[str, Any]) -> None:
    genes = {r.gene for r in package.rows(Gene) if r.call_method is CallMethod.RARE_VARIANT}
    assert {name.partition(".")[0] for name in reports} == genes - UNLISTED


def test_a_listed_variant_ends_in_a_named_finding(reports: dict[str, Any]) -> None:
    for name, report in reports.items():
        gene = name.partition(".")[0]
        (finding,) = (f for f in report["findings"] if f["gene"] == gene)
        assert finding["curated_id"], name
        assert finding["classifications"], name
        assert finding["classifications"][0]["classification"] in PATHOGENIC
        assert finding["transcript"].startswith("NM_")


def _is_about(reason: dict[str, Any], gene: str) -> bool:
    return bool(reason["kind"] == "finding" and reason["subject"].get("gene") == gene)


def test_a_listed_variant_ends_in_its_therapy_statement(reports: dict[str, Any]) -> None:
    for name, report in reports.items():
        gene, said = name.partition(".")[0], report["interpretation"]
        statements = [*said["monogenic"], *(s for d in said["drugs"] for s in d["statements"])]
        about = [s for s in statements if any(_is_about(r, gene) for r in s["reasons"])]
        assert bool(about) == (gene not in SILENT), (name, [s["statement_id"] for s in about])


def test_a_class_names_its_stars(package: Reference) -> None:
    """One star is printed as one star, wherever the source of a class is."""
    words = {"0": "no star", "1": "one star"}
    rows = [r for r in package.rows(ClassifiedVariant) if r.review_stars in words]
    assert len(rows) > 1000
    for row in rows:
        assert f", {words[row.review_stars or '']} (" in row.source, row.variant
    for language in ("en", "es"):
        wording = Wording(package, language)
        told = {wording.show(Value("source", (r.source,), ValueKind.SOURCE)) for r in rows}
        assert all(("star" if language == "en" else "estrella") in t for t in told)


@pytest.mark.realdata
def test_every_published_variant_is_listed(shared: Path, package: Reference) -> None:
    path = shared / "truth" / "variant_names_new_genes.tsv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle, delimiter="\t") if r["gene"] not in UNLISTED]
    for build in GenomeBuild:
        listed = {(r.chrom, *(r.place(build) or ())) for r in package.rows(ClassifiedVariant)}
        places = ((r["chrom"], int(r[f"{build.prefix}_pos"]), r["ref"], r["alt"]) for r in rows)
        assert [p for p in places if p not in listed] == []
