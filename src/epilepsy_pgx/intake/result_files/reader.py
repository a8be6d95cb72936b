"""What a reader of a program's result files is."""

from abc import abstractmethod
from typing import ClassVar, Protocol

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.intake.hla import UNSURE, HlaTyping, TypedAllele, allele_fault, parse_hla_allele
from epilepsy_pgx.intake.outside_calls import OutsideRows
from epilepsy_pgx.intake.result_files.content import Content, ResultKind
from epilepsy_pgx.intake.result_files.source import UNNAMED, Results, Source

ONE_UNNAMED = "one, without its name"
BY_NAME = "by name"
"""Whose results a file holds, in the words of the documents."""


class ResultReader(Protocol):
    """The result files of one program: how they are recognised, and what they report.

    The documents' table of programs is written from the class attributes.
    """

    name: ClassVar[str]
    """As `outside_callers.tsv` writes it; in lower case it is the name of the module."""
    kind: ClassVar[ResultKind]
    file: ClassVar[str]
    """Which of the program's files is read."""
    samples: ClassVar[str]
    """Whose results it holds."""

    @abstractmethod
    def accepts(self, content: Content) -> bool:
        """Say by the content alone, not by the file's name, whether a file has the form."""

    @abstractmethod
    def names_samples(self, content: Content) -> bool:
        """Say whether a file of the form names its samples."""

    @abstractmethod
    def read(self, source: Source) -> Results:
        """Return what a file of the form says, by sample.

        Raises
        ------
        InputError
            With the first thing in it that is not understood.
        """


class NamedStarReader(ResultReader):
    """The star alleles that a program writes into a table with a row for each sample's result."""

    kind = ResultKind.STAR_ALLELES
    samples = BY_NAME
    header: ClassVar[list[str]]
    """The first columns of the table."""

    def accepts(self, content: Content) -> bool:
        """Look at the header."""
        return content.starts(self.header)

    def names_samples(self, content: Content) -> bool:
        """Every row does."""
        return True


Pairs = dict[str, list[str]]
"""Allele names by locus (`B`); fewer than two where the program left one open. One that the
program is not sure of ends with `UNSURE`."""


class HlaReader(ResultReader):
    """The result files of a program that types the HLA loci of one sample.

    Such a file does not name its sample. What the program finds is research grade, so an allele
    that it does not name is not excluded.
    """

    kind = ResultKind.HLA
    samples = ONE_UNNAMED

    @abstractmethod
    def pairs(self, source: Source) -> Pairs:
        """Return the alleles of each locus.

        Raises
        ------
        InputError
            With the first thing in the file that is not understood.
        """

    def names_samples(self, content: Content) -> bool:
        """Say no: the sheet names the sample."""
        return False

    def read(self, source: Source) -> Results:
        """Return the typings of the loci that the tables ask for."""
        typings: list[HlaTyping] = []
        for locus, listed in self.pairs(source).items():
            gene = f"HLA-{locus}"
            if gene not in source.tables.typed:
                continue
            if len(listed) > 2:
                raise source.fault(
                    f"{len(listed)} alleles of {gene}",
                    "at most two",
                    "Have the locus typed by an accredited laboratory.",
                )
            alleles: list[TypedAllele | None] = [_allele(source, gene, name) for name in listed]
            # One name may be a homozygous typing or half of one: the second stays open.
            alleles += [None] * (2 - len(alleles))
            typings.append(
                HlaTyping(gene, (alleles[0], alleles[1]), source.program.kind, source.name, None)
            )
        return {UNNAMED: OutsideRows(typings=tuple(typings))}


def _allele(source: Source, gene: str, name: str) -> TypedAllele:
    sure = name.removesuffix(UNSURE)
    allele = parse_hla_allele(sure)
    wrong = allele_fault(sure, allele, gene, source.tables.hla)
    if allele is None or wrong is not None:
        raise source.fault(
            f"a name that is no allele of {gene}", "an HLA name of this locus, such as 15:02"
        )
    if sure != name:  # it may be this one, or any other
        return replace(allele, two_field=(), options=(*allele.options, UNSURE))
    return allele
