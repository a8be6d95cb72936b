"""Cyrius: a row for each sample with the genotype of the program's one gene."""

import re

from epilepsy_pgx.intake.result_files.reader import NamedStarReader
from epilepsy_pgx.intake.result_files.source import Results, Source

_WORD = re.compile(r"\w{1,40}", re.ASCII)
_HAPLOTYPE = re.compile(r"\*\w[\w.\-]*(\+\*\w[\w.\-]*)*")


class Cyrius(NamedStarReader):
    """The filter says whether the genotype is a call."""

    name = "Cyrius"
    file = "the TSV with the columns `Sample`, `Genotype`, `Filter`"
    header = ["Sample", "Genotype", "Filter"]

    def read(self, source: Source) -> Results:
        """Read the gene that the table of programs names: the file does not."""
        (first, header), *rows = source.content.rows
        if header != self.header:
            raise source.fault(
                f"the columns {', '.join(header)}",
                ", ".join(self.header),
                "Leave these three columns only.",
                first,
            )
        found: Results = {}
        for line, cells in rows:
            sample, genotype, state = source.sized(cells, header, line)
            if not sample or sample in found:
                raise source.fault(
                    "no sample, or the sample of an earlier line",
                    "one line for each sample",
                    "Keep the line that is right.",
                    line,
                )
            candidates = _candidates(source, genotype, state, line)
            found[sample] = source.result(source.program.calls, candidates)
        return found


def _candidates(
    source: Source, genotype: str, state: str, line: int
) -> tuple[tuple[str, ...], ...]:
    """Return what a genotype leaves possible: nothing if it is no call or not a sure one."""
    if genotype == "None" and state != "PASS":
        return ()
    parts = genotype.split(";")
    stars = [h for part in parts for h in re.split(r"[/_]", part)]
    if not all(_HAPLOTYPE.fullmatch(h) for h in stars):
        raise source.fault("a genotype in an unexpected format", "star alleles, or None", line=line)
    match state:
        case "PASS" if len(parts) == 1:
            return (source.diplotype(genotype, line),)
        case "More_than_one_possible_genotype" if len(parts) > 1:
            return tuple(source.diplotype(part, line) for part in parts)
        case "Not_assigned_to_haplotypes" | "LowQ_high_CN":
            return ()
    raise source.fault(
        f"filter {state!r}" if _WORD.fullmatch(state) else "another filter",
        "a filter that fits the genotype",
        "If you trust the result, write it into a table of your own.",
        line,
    )


READER = Cyrius()
