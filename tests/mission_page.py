"""What the project promises, each promise with the rows and a patient that keep it.

`tests/oracles/mission.tsv` holds them; `docs/mission.md` is written from it.
"""

import csv
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOPICS = (
    "absorption",
    "metabolism",
    "blood-brain barrier",
    "genetic metabolism",
    "structural causes",
    "wide or eloquent zones",
    "channels",
    "receptors",
    "transporters",
    "SCN1A",
    "adherence",
    "substance use",
    "stress",
    "sleep",
    "depression",
    "cognition",
    "diagnosis",
    "surgery",
    "stimulation",
    "diet",
    "early referral",
    "tailoring",
)
"""What the mission names, in the order of the page."""
NOTHING = "."
TEST = "tests/response/test_mission.py"
INTRODUCTION = f"""# Why drugs fail: what is asked, and what answers

One in three people with epilepsy keeps having seizures under drugs, for several reasons at once.
For each reason, and each way out, this page names what has to be given, the rows of the tables that
answer, and an invented patient of the [examples](../examples/samples.tsv) who shows it.

Each line is a case of `tests/oracles/mission.tsv`, and `pytest {TEST} -k CASE`
tests it: its entry is taken through the rules, the statement is found, the row is taken away, and
the statement is gone. (Rows are taken away in batches, each row in two that share no other.)
A line of the factor table is named by factor, side, text and column. What has no rule is said as
*not yet*. `python -m tests.test_docs` writes the page.
"""


@dataclass(frozen=True)
class Promise:
    """A case of the table."""

    topic: str
    case: str
    says: str
    """What the report says of it, in short."""
    table: str
    row: str
    """Key of the row without which it is not said; `*` stands for any letters."""
    genes: tuple[str, ...]
    variant: str
    """A gene and the change of its protein, where a finding of words is not enough."""
    context: tuple[str, ...]
    expected: str
    """Id of the statement, or name of the line of the factor table."""
    example: str
    gap: str

    @property
    def inputs(self) -> str:
        """What has to be given: columns of the sample sheet, and genes of the VCF."""
        columns = dict.fromkeys(word.partition("=")[0] for word in self.context)
        named = [f"`{column}`" for column in columns]
        for word in self.genes:
            gene = word.partition("=")[0]
            named.append(f"`hla`: {gene}" if gene.startswith("HLA") else f"VCF: {gene}")
        if self.variant != NOTHING:
            named.append(f"VCF: {self.variant.split()[0]}")
        return ", ".join(named) or "none"


def promises() -> tuple[Promise, ...]:
    """Return the cases of the table."""
    text = (ROOT / "tests/oracles/mission.tsv").read_text(encoding="utf-8")
    lines = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(
        Promise(
            **{
                **line,
                "genes": _words(line["genes"], ";"),
                "context": _words(line["context"], ";;"),
            }
        )
        for line in lines
    )


def _words(cell: str, separator: str) -> tuple[str, ...]:
    return () if cell == NOTHING else tuple(cell.split(separator))


def page() -> str:
    """Return docs/mission.md."""
    parts = [INTRODUCTION]
    for topic, found in groupby(promises(), key=lambda one: one.topic):
        items = list(found)
        lines = [
            f"\n## {topic[0].upper()}{topic[1:]}\n",
            "| what is said | input | rows | said as | case | example |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {one.says} | {one.inputs} | `{one.table}`: `{one.row}` | `{one.expected}` | "
            f"`{one.case}` | {'none' if one.example == NOTHING else one.example} |"
            for one in items
        ]
        gaps = [one.gap for one in items if one.gap != NOTHING]
        lines += [f"\nNot yet: {'; '.join(gaps)}."] if gaps else []
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)
