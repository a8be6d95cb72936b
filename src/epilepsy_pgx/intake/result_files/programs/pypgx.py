"""PyPGx: an archive whose metadata name the gene, with a row for each sample."""

import lzma
import struct
import zipfile
import zlib
from collections import Counter
from io import BytesIO
from pathlib import PurePosixPath

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.result_files.content import MOST_BYTES, Content, ResultKind
from epilepsy_pgx.intake.result_files.reader import BY_NAME, ResultReader
from epilepsy_pgx.intake.result_files.source import Results, Source
from epilepsy_pgx.intake.table import split_rows

_HEADER = ["", "Genotype", "Phenotype", "Haplotype1", "Haplotype2", "AlternativePhase"]
_TYPE = "SampleTable[Results]"
_MEMBERS = ("metadata.txt", "data.tsv")
_NO_CALL = ("None", "Indeterminate")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    OverflowError,
    RuntimeError,
)
"""What `zipfile` raises over bytes that were changed; NotImplementedError (a RuntimeError) is its
word for a compression that it does not know."""


class PyPgx(ResultReader):
    """A sample whose phase is not certain has no call."""

    name = "PyPGx"
    kind = ResultKind.STAR_ALLELES
    file = "`results.zip` of one gene"
    samples = BY_NAME

    def accepts(self, content: Content) -> bool:
        """Take any archive, and the table out of one, so that the fault of each is named."""
        return _is_archive(content) or content.starts(_HEADER)

    def names_samples(self, content: Content) -> bool:
        """The table does, but alone it cannot be read."""
        return _is_archive(content)

    def read(self, source: Source) -> Results:
        """Read the table under the gene that the metadata name."""
        if not _is_archive(source.content):
            raise InputError.one(
                source.content.kind.check,
                file=str(source.content.path),
                line=1,
                found="a table of PyPGx without its gene",
                expected="the archive that names it",
                fix="Use the file results.zip.",
            )
        facts, text = _unpack(source)
        gene, type_ = facts.get("Gene", ""), facts.get("SemanticType", "none")
        if type_ != _TYPE or not gene:
            raise source.fault(f"the type {type_!r}", _TYPE, "Use the file results.zip.")
        rows = list(split_rows(text))
        if not rows or rows[0][1][: len(_HEADER)] != _HEADER:
            raise source.fault("other columns", ", ".join(_HEADER[1:]), line=1)
        found: Results = {}
        for line, written in rows[1:]:
            cells = source.sized(written, rows[0][1], line)
            sample, genotype, alternative = cells[0], cells[1], cells[5]
            if not sample or sample in found:
                raise source.fault(
                    "no sample, or the sample of an earlier line",
                    "one line for each sample",
                    line=line,
                )
            known = source.reads(gene, line)
            # Alleles that another phase would give: the pair that they belong to is not named.
            sure = known and genotype not in _NO_CALL and not alternative.strip(";")
            candidates = (source.diplotype(genotype, line),) if sure else ()
            stated = source.phenotype(gene, cells[2]) if sure else None
            found[sample] = source.result(gene, candidates, stated)
        return found


def _is_archive(content: Content) -> bool:
    return content.raw.startswith(b"PK\x03\x04")


def _unpack(source: Source) -> tuple[dict[str, str], str]:
    """Return the metadata and the table of an archive."""
    try:
        with zipfile.ZipFile(BytesIO(source.content.raw)) as archive:
            listed = [i for i in archive.infolist() if not i.is_dir()]
            count = Counter(PurePosixPath(i.filename).name for i in listed)
            members = {PurePosixPath(i.filename).name: i for i in listed}
            wanted = [members[name] for name in _MEMBERS]
            if any(count[name] > 1 for name in _MEMBERS):
                raise source.fault(
                    "an archive with several results",
                    "the results of one gene",
                    "List the archives one by one, joined with '|'.",
                )
            if sum(i.file_size for i in wanted) > MOST_BYTES[source.content.kind]:
                raise source.fault(
                    "a table of too many samples", "64 MB or less", "Split the archive."
                )
            facts, table = (source.content.decode(archive.read(i)) for i in wanted)
    except _DAMAGED:
        raise source.fault(
            "an archive that lacks metadata.txt or data.tsv, or is damaged", "the file results.zip"
        ) from None
    pairs = (line.split("=", 1) for line in facts.split("\n") if "=" in line)
    return {key.strip(): value.strip() for key, value in pairs}, table


READER = PyPgx()
