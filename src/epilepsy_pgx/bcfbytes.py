"""Cut records out of a BCF without an index: its records are looked at in their bytes.

The layout is that of BCF2 (VCF specification, section 6.3): two lengths, then the number of the
contig, the position and the number of reference bases that a record spans.
"""

import os
import struct
from collections.abc import Mapping
from typing import BinaryIO

from epilepsy_pgx.intervals import Intervals
from epilepsy_pgx.vcftext import (
    HEADER_LIMIT,
    LINE_LIMIT,
    Cut,
    TextError,
    is_declaration,
    open_packed,
    read_bed,
)

MAGIC = b"BCF\x02"


def is_bcf(path: str | os.PathLike[str]) -> bool:
    """Say whether a file is a BCF, compressed or not."""
    with open_packed(path) as handle:
        return handle.read(len(MAGIC)) == MAGIC


def read_bcf_head(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a BCF up to its first record.

    Raises
    ------
    TextError
        If the header is longer than any is, or cut, or a declaration is none.
    """
    with open_packed(path) as handle:
        return _read_head(handle)


def cut_bcf(
    source: str,
    regions: str,
    target: str,
    names: Mapping[int, str],
    aliases: Mapping[str, str] | None,
) -> Cut:
    """Write the records over some regions as uncompressed BCF.

    Parameters
    ----------
    regions
        BED, sorted and merged.
    names
        Contig by the number that stands for it.
    aliases
        Name in the BED by spelling of a contig in lower case; None if the BED has those of the
        source.

    Raises
    ------
    TextError
        If a record is damaged, or longer than any is.
    """
    wanted = Intervals(read_bed(regions))
    cut = Cut()
    count = 0
    with open_packed(source) as handle, open(target, "wb") as out:
        out.write(_read_head(handle))
        while lengths := handle.read(8):
            count += 1
            if len(lengths) < 8:
                raise TextError(f"a truncated BCF, in record {count}")
            shared, single = struct.unpack("<II", lengths)
            # The fixed part of a record has six 32-bit fields.
            if shared < 24 or shared + single > LINE_LIMIT:
                raise TextError(f"impossible lengths in record {count} of a BCF")
            record = handle.read(shared + single)
            if len(record) < shared + single:
                raise TextError(f"a truncated BCF, in record {count}")
            number, pos, span = struct.unpack_from("<iii", record)
            # Positions are 0-based here: POS 0, a telomere, is -1.
            if number not in names or pos < -1:
                raise TextError(f"an impossible position in record {count} of a BCF")
            text = names[number]
            cut.contigs[text] = cut.contigs.get(text, 0) + 1
            name = text if aliases is None else aliases.get(text.lower(), "")
            # The base at POS counts even where rlen is 0.
            if wanted.meets(name, pos, pos + max(1, span)):
                out.write(lengths + record)
    return cut


def _read_head(handle: BinaryIO) -> bytes:
    # Five bytes of magic and version, then the length of the header text with its NUL.
    start = handle.read(9)
    size = struct.unpack("<I", start[5:])[0] if len(start) == 9 else 0
    if not start.startswith(MAGIC) or not size:
        raise TextError("no header of a BCF")
    if size > HEADER_LIMIT:
        raise TextError(f"a header of more than {HEADER_LIMIT >> 20} MB")
    text = handle.read(size)
    if len(text) < size:
        raise TextError("a truncated header")
    for number, line in enumerate(text.rstrip(b"\0").split(b"\n"), 1):
        if not is_declaration(line):
            raise TextError("a declaration of a field without ID, Number or Type", number)
    return start + text
