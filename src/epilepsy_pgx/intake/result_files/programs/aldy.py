"""Aldy: a row for each variant of each allele of each solution."""

from epilepsy_pgx.intake.outside_calls import OutsideRows
from epilepsy_pgx.intake.result_files.reader import NamedStarReader
from epilepsy_pgx.intake.result_files.source import Results, Source


class Aldy(NamedStarReader):
    """Several solutions of a gene are each a candidate."""

    name = "Aldy"
    file = "`.aldy`, of one gene or several"
    header = ["#Sample", "Gene", "SolutionID", "Major", "Minor", "Copy", "Allele"]

    def read(self, source: Source) -> Results:
        """Take the major alleles, which all rows of a solution repeat."""
        solutions: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
        for line, cells in source.content.rows:
            if cells[0].startswith("#"):
                if cells[: len(self.header)] == self.header or cells[0].startswith("#Solution "):
                    continue
                raise source.fault(
                    "a comment in an unexpected format", "a header or a solution", line=line
                )
            if len(cells) < len(self.header):
                raise source.fault(f"{len(cells)} cells", f"{len(self.header)} or more", line=line)
            sample, gene, number, major = (c.strip() for c in cells[:4])
            if not sample or not number.isdigit():
                raise source.fault("no sample, or no number of a solution", "both", line=line)
            listed = solutions.setdefault((sample, gene), {})
            if not source.reads(gene, line):
                continue
            made = source.diplotype(major, line)
            if listed.setdefault(number, made) != made:
                raise source.fault(
                    f"another result of solution {number}",
                    "one result for each",
                    "Keep one sample and gene of each run in the file.",
                    line,
                )
        found: Results = {}
        for (sample, gene), listed in solutions.items():
            rows = source.result(gene, listed.values())
            found[sample] = found.get(sample, OutsideRows()).joined(rows)
        return found


READER = Aldy()
