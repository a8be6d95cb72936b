"""VCF text about the sites of TOY1."""

import re

LENGTH38, LENGTH37 = 133797422, 135534747
"""Of chromosome 10."""


def vcf_text(
    *records: str,
    samples: tuple[str, ...] = ("S1",),
    contig: str = "chr10",
    length: int | None = LENGTH38,
    extra: tuple[str, ...] = (),
) -> str:
    """Return a VCF.

    A record is `pos ref alt format sample…` or, with more to say,
    `pos ref alt filter info format sample…`, separated by spaces.
    """
    head = ["##fileformat=VCFv4.2", *extra]
    head.append(f"##contig=<ID={contig}" + (f",length={length}>" if length else ">"))
    head += [
        '##FILTER=<ID=PASS,Description="ok">',
        '##FILTER=<ID=LowQual,Description="bad">',
        '##INFO=<ID=END,Number=1,Type=Integer,Description="end">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="reads">',
    ]
    if any(":PS" in r for r in records):
        head.append('##FORMAT=<ID=PS,Number=1,Type=Integer,Description="set">')
    if any(":PGT" in r for r in records):
        head += [
            '##FORMAT=<ID=PGT,Number=1,Type=String,Description="phase">',
            '##FORMAT=<ID=PID,Number=1,Type=String,Description="phase set">',
        ]
    head.append("\t".join("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split() + [*samples]))
    body = []
    for record in records:
        cells = record.split(" ")
        filters, info = "PASS", "."
        if len(cells) == 6 + len(samples):
            filters, info = cells[3:5]
            cells = cells[:3] + cells[5:]
        pos, ref, alt, form, *calls = cells
        body.append("\t".join([contig, pos, ".", ref, alt, ".", filters, info, form, *calls]))
    return "\n".join([*head, *body]) + "\n"


ALL_REFERENCE = (
    "1001 A . GT 0/0",
    "1011 C . GT 0/0",
    "1021 GAA . GT 0/0",
    "1031 T . GT 0/0",
    "1041 G . GT 0/0",
)
"""Every toy site called reference."""


def with_records(*records: str) -> tuple[str, ...]:
    """Return the reference records with some of them replaced, by position; `-1021` drops one."""
    chosen = {r.split(" ")[0]: r for r in ALL_REFERENCE}
    for record in records:
        if record.startswith("-"):
            chosen.pop(record[1:])
        else:
            chosen[record.split(" ")[0]] = record
    return tuple(chosen[p] for p in sorted(chosen, key=int))


def sound(*records: str) -> tuple[str, ...]:
    """Return records of one sample with what they do not state: depth, quality, reads that pass."""
    return tuple(_sound(record) for record in records)


def _sound(record: str) -> str:
    *fixed, form, call = record.split(" ")
    fields = dict(zip(form.split(":"), call.split(":"), strict=False))
    called = {int(a) for a in re.split(r"[/|]", fields.get("GT", "")) if a.isdecimal()}
    alts = 0 if fixed[2] == "." else fixed[2].count(",") + 1
    share = 40 // max(1, len(called))
    reads = ",".join(str(share if a in called else 0) for a in range(alts + 1))
    for key, value in (("DP", "40"), ("GQ", "60"), ("AD", reads)):
        fields.setdefault(key, value)
    return " ".join([*fixed, ":".join(fields), ":".join(fields.values())])
