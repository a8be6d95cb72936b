"""Cut the inputs of the validation kit out of the public data it rests on.

    python benchmarks/validation_inputs.py FOLDER_OF_REAL_DATA

Writes `src/epilepsy_pgx/validation/data`: records of public genomes at the curated positions, pairs
of named alleles, and what each must give, with the source of every expectation.
"""

import sys
from pathlib import Path

import pysam
from concordance import GENES, ROOT, Names, _peer_name, getrm, published_pairs, rows

from epilepsy_pgx.pipeline.targets import Targets, load_targets
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.tsv import line
from epilepsy_pgx.vocabulary import GenomeBuild

DATA = ROOT / "src/epilepsy_pgx/validation/data"
KEPT = ("##fileformat", "##ALT", "##FILTER", "##FORMAT", "##INFO")
COLUMNS = ("set", "file", "sample", "gene", "expected", "compared", "source")
NOT_COMPARED = "allele not on the panel"
PHARMCAT = "PharmCAT 3.1.1 on the same records; definitions of CPIC (CC0)"


def positions(targets: Targets) -> dict[str, list[int]]:
    """Return the positions of the compared genes, by chromosome."""
    found: dict[str, list[int]] = {}
    for site in targets.sites.sites:
        if site.gene in GENES:
            found.setdefault(site.chrom, []).append(site.pos)
    return found


def compress(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with pysam.BGZFile(str(path), "wb") as out:
        out.write(text.encode())


def cut_genome(source: Path, wanted: dict[str, list[int]], target: Path) -> None:
    """Keep the records of a genome that cover a curated position, and the header they need."""
    with pysam.VariantFile(str(source)) as opened:
        header = str(opened.header).splitlines()
    used = {f"##contig=<ID=chr{chrom}," for chrom in wanted}
    kept = [
        h
        for h in header
        if h.startswith(KEPT) or any(h.startswith(u) for u in used) or h.startswith("#CHROM")
    ]
    lines: dict[str, None] = {}
    with pysam.TabixFile(str(source)) as records:
        for chrom in wanted:
            for pos in sorted(wanted[chrom]):
                for record in records.fetch(f"chr{chrom}", max(pos - 2, 0), pos + 1):
                    lines[record] = None
    compress("\n".join([*kept, *lines]) + "\n", target)


def genomes(folder: Path) -> list[tuple[str, ...]]:
    ref = load_reference(ROOT / "reference")
    targets = load_targets(ref, GenomeBuild.GRCH38)
    wanted = positions(targets)
    names = Names.load()
    sources: dict[tuple[str, str], set[str]] = {}
    for row in rows(folder / "truth/getrm.tsv"):
        sources.setdefault((row["sample"], row["gene"]), set()).add(row["note"].split(",")[0])
    for path in sorted((folder / "data/gvcf").glob("*.g.vcf.gz")):
        cut_genome(path, wanted, DATA / "genomes" / path.name)
    found = []
    for one in getrm(folder, ref, targets)[0]:
        pairs = set().union(*(published_pairs(one.gene, t, names) for t in one.published))
        reason = "no: allele not on the panel" if one.verdict.startswith(NOT_COMPARED) else "yes"
        source = f"{'; '.join(sorted(sources[one.sample, one.gene]))}; published as "
        found.append(
            (
                "genome",
                f"genomes/{one.sample}.g.vcf.gz",
                one.sample,
                one.gene,
                "|".join("/".join(p) for p in sorted(pairs)),
                reason,
                source + " ; ".join(one.published),
            )
        )
    return found


def chosen(sample: str) -> bool:
    """Say whether a pair is shipped: each allele with the first, with itself, with the next."""
    first, second = map(int, sample.split("_")[1:])
    return first == 0 or second in (first, first + 1)


def pairs(folder: Path) -> list[tuple[str, ...]]:
    calls = {r["sample"]: r for r in rows(folder / "truth/pharmcat/pairs_calls.tsv")}
    tables: dict[tuple[str, str], tuple[list[str], list[list[str]]]] = {}
    for path in sorted((folder / "truth/pharmcat/pairs").glob("*.vcf")):
        form, gene = path.name.split(".")[0], path.name.split(".")[1].split("-")[0]
        text = path.read_text(encoding="utf-8").splitlines()
        head = [h for h in text if h.startswith("##")]
        body = [h.split("\t") for h in text if not h.startswith("##")]
        keep = [i for i in range(9, len(body[0])) if chosen(body[0][i])]
        if (form, gene) not in tables:
            tables[form, gene] = head, [b[:9] for b in body]
        for mine, theirs in zip(tables[form, gene][1], body, strict=True):
            assert mine[:5] == theirs[:5]
            mine += [theirs[i] for i in keep]
    found = []
    for (form, gene), (head, body) in tables.items():
        file = f"pairs/{form}.{gene}.vcf.gz"
        compress("\n".join([*head, *("\t".join(b) for b in body)]) + "\n", DATA / file)
        for sample in body[0][9:]:
            row = calls[sample]
            both = sorted(_peer_name(row[c]) for c in ("allele1", "allele2"))
            found.append((form, file, sample, gene, "/".join(both), "yes", PHARMCAT))
    return found


def main(folder: Path) -> None:
    every = [*genomes(folder), *pairs(folder)]
    table = "".join(line(cells) for cells in (COLUMNS, *sorted(every)))
    (DATA / "expected.tsv").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
