"""Known answers on the user's machine: the real path, from a VCF file to a call."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from epilepsy_pgx.calling.genes import call_genes
from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import Targets, load_targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import KnownAnswer
from epilepsy_pgx.tsv import line
from epilepsy_pgx.variants.annotate import annotate_sites
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

_FORMAT = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'


def run_selftest(ref: Reference, say: Callable[[str], None]) -> int:
    """Work through the table of known answers; return how many came out wrong.

    Parameters
    ----------
    say
        Takes one line for each answer.
    """
    wrong = 0
    targets: dict[GenomeBuild, Targets] = {}
    for row in ref.rows(KnownAnswer):
        if row.build not in targets:
            targets[row.build] = load_targets(ref, row.build)
        try:
            found = (_call if row.kind == "diplotype" else _name)(row, ref, targets[row.build])
        except PgxError as error:
            found = str(error)
        right = found == row.expected
        wrong += not right
        say(
            f"{'ok   ' if right else 'WRONG'} {row.answer}: {found}"
            + ("" if right else f", expected {row.expected}")
        )
    return wrong


def _call(row: KnownAnswer, ref: Reference, targets: Targets) -> str:
    given = dict(item.split(" ") for item in row.given.split("; "))
    lines = ["##fileformat=VCFv4.2\n", _FORMAT]
    lines += [
        f"##contig=<ID={c},length={n}>\n" for c, n in ref.contigs(targets.build).lengths.items()
    ]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tKNOWN\n")
    for site in targets.sites.sites:
        if site.gene != row.gene or site.use != "allele":
            continue
        bases = given.get(site.name, f"{site.alleles[0]}/{site.alleles[0]}").split("/")
        alts = sorted(set(bases) - {site.ref})
        listed = [site.ref, *alts]
        genotype = "/".join(str(listed.index(b)) for b in bases)
        cells = [
            site.chrom,
            str(site.pos),
            ".",
            site.ref,
            ",".join(alts) or ".",
            ".",
            "PASS",
            ".",
            "GT",
            genotype,
        ]
        lines.append(line(cells))
    with tempfile.TemporaryDirectory(prefix="epilepsy-pgx-") as folder:
        path = Path(folder) / "known.vcf"
        path.write_text("".join(lines), encoding="utf-8")
        found = extract_group([path], None, None, targets, ref, Thresholds())
    result = call_genes(found.store, ref, [row.gene])[row.gene].results[0]
    return f"{' or '.join(result.shown)} {' or '.join(result.phenotypes)}"


def _name(row: KnownAnswer, ref: Reference, targets: Targets) -> str:
    chrom, pos, base, alt = row.given.split("-")
    key = VariantKey(chrom, int(pos), base, alt)
    found = annotate_sites([key], targets.build, ref, targets.sequences)[key]
    return "; ".join(f"{a.hgvs_c} {a.hgvs_p}" for a in found if a.gene == row.gene)
