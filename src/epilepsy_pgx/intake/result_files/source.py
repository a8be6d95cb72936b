"""A result file together with what it is read with, and the cells that several programs share."""

from collections.abc import Iterable
from decimal import Decimal

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.hla import HlaTyping
from epilepsy_pgx.intake.outside_calls import OutsideRows, read_typing
from epilepsy_pgx.intake.outside_tables import OutsideCall, OutsideTables, RefusedError
from epilepsy_pgx.intake.result_files.content import Content, ResultKind

UNNAMED = ""
"""Key of what a file says that does not name its sample: the sheet does."""
COPY_AGAIN = "Copy the file again from the program's folder."

Results = dict[str, OutsideRows]
"""What a file says, by the sample's name in it."""


@dataclass(frozen=True, slots=True)
class Program:
    """A row of the table of outside callers."""

    kind: str
    """`clinical` or `research`."""
    calls: str
    """The gene of a program that calls one gene only, else a description."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, the program whose form it has, and the lists that it is read with."""

    content: Content
    name: str
    program: Program
    tables: OutsideTables

    def fault(self, found: str, expected: str, fix: str = COPY_AGAIN, line: int = 0) -> InputError:
        """Return the error for what is not understood in the file."""
        named = found if self.content.kind is ResultKind.HLA else f"{found} ({self.name})"
        return InputError.one(
            self.content.kind.check,
            file=str(self.content.path),
            line=line,
            found=named,
            expected=expected,
            fix=fix,
        )

    def sized(self, cells: list[str], header: list[str], line: int) -> list[str]:
        """Return the cells of a row that has one for each column, without white space.

        Raises
        ------
        InputError
            If it has more or fewer.
        """
        if len(cells) != len(header):
            raise self.fault(f"{len(cells)} cells", f"{len(header)} cells", line=line)
        return [c.strip() for c in cells]

    def reads(self, gene: str, line: int = 0) -> bool:
        """Say whether a gene is called here by star alleles.

        Raises
        ------
        InputError
            If the name is no gene symbol, or is probably a misspelt one.
        """
        try:
            return self.tables.check_gene(gene) and gene in self.tables.genes
        except RefusedError as fault:
            raise self.fault(fault.found, fault.expected, fault.fix, line) from None

    def result(
        self,
        gene: str,
        candidates: Iterable[tuple[str, ...]],
        phenotype: str | None = None,
        score: Decimal | None = None,
    ) -> OutsideRows:
        """Return the result of a gene, which without candidates could not be called.

        A gene that is not called here is passed over.
        """
        if gene not in self.tables.genes:
            return OutsideRows((), (), (gene,))
        distinct = tuple(dict.fromkeys(candidates))
        research = self.program.kind != "clinical"
        source = self.content.path.name
        return OutsideRows((OutsideCall(gene, distinct, phenotype, score, source, research),))

    def diplotype(self, text: str, line: int) -> tuple[str, ...]:
        """Split a diplotype such as `*1/*36+*10`.

        Raises
        ------
        InputError
            If it is not two haplotypes.
        """
        parts = tuple(text.split("/"))
        if len(parts) != 2 or any(not p or p != p.strip() for p in parts):
            raise self.fault(
                "a genotype in an unexpected format", "two haplotypes such as *1/*2", line=line
            )
        return parts

    def phenotype(self, gene: str, text: str) -> str | None:
        """Return the phenotype that a program gives beside one diplotype.

        Where the tables read the diplotype otherwise, both stay, and the more cautious decides.
        A word that they do not know says nothing beside the diplotype, which they read.
        """
        if self.tables.silent(text) or not self.tables.tables[gene].words:
            return None
        try:
            return self.tables.phenotype(gene, text)
        except RefusedError:
            return None

    def score(self, gene: str, text: str) -> Decimal | None:
        """Return the score that a program gives, under the same terms."""
        if self.tables.silent(text) or self.tables.tables[gene].method != "activity_score":
            return None
        try:
            return self.tables.score(gene, text)
        except RefusedError:
            return None

    def typing(self, gene: str, pair: str, word: str = "", line: int = 0) -> HlaTyping:
        """Return what a file of star alleles says of a typed locus.

        Parameters
        ----------
        pair
            Its two alleles; alternatives are joined with ` OR `.
        word
            What is read if there are none, such as `*57:01 positive`.

        Raises
        ------
        InputError
            If neither can be read: what is there must not be lost.
        """
        try:
            return read_typing(gene, pair, "" if pair else word, self.tables.hla)
        except RefusedError as fault:
            raise self.fault(fault.found, fault.expected, fault.fix, line) from None
