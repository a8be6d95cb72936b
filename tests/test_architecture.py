"""docs/architecture.md shows the house as it is built."""

import re
from pathlib import Path

from epilepsy_pgx.report.formats import FORMATS
from tests.test_layers import ORDER, SOURCE

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
_, PICTURE, BELOW = re.split(r"^```(?:text)?$\n", PAGE, flags=re.MULTILINE)


def test_the_picture_shows_every_part_in_the_order_of_the_layers() -> None:
    built = {p.stem for p in SOURCE.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()}
    assert built - {"__init__"} == set(ORDER)
    shown = re.findall(r"^  (\w+)(\.py|/) ", PICTURE, re.MULTILINE)
    assert tuple(name for name, _ in shown) == ORDER
    for name, end in shown:
        assert (SOURCE / f"{name}{end}").exists(), name


def test_the_picture_shows_every_format() -> None:
    for name in FORMATS:
        assert name in PICTURE.lower(), name


def test_every_path_on_the_page_exists() -> None:
    paths = re.findall(r"`([\w./-]+(?:/|\.(?:py|tsv|md|json|yaml))[\w./-]*)`", PAGE)
    paths = [path for path in paths if "NAME" not in path]
    assert len(paths) > 30
    for path in paths:
        assert (ROOT / path).exists() or (SOURCE / path).exists(), path


def test_every_heading_that_the_page_links_exists() -> None:
    links = re.findall(r"\]\((\w+\.md)#([\w-]+)\)", PAGE)
    assert len(links) > 5
    for name, anchor in links:
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
        assert anchor in anchors, f"{name}#{anchor}"


def test_every_name_of_the_code_on_the_page_exists() -> None:
    """Types in the picture, and the constants that the table sends a reader to."""
    code = "\n".join(p.read_text(encoding="utf-8") for p in SOURCE.rglob("*.py"))
    types = set(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", PICTURE))
    named = re.findall(r"`([A-Z]\w+)` (?:in|of) `([\w/]+\.py)`", BELOW)
    assert len(types) > 10
    assert len(named) > 4
    for name in types - {"MultiQC"}:
        one = name.removesuffix("s")
        assert re.search(rf"^class (?:{name}|{one})\b", code, re.MULTILINE), name
    for name, path in named:
        text = (SOURCE / path).read_text(encoding="utf-8")
        assert re.search(rf"^(?:class )?{name}\b", text, re.MULTILINE), f"{name} in {path}"


def test_a_column_of_the_clinical_entry_is_named_where_the_page_says() -> None:
    """`mri` stands for all that have words of a closed list, terms and rules of their own."""
    row = next(line for line in PAGE.splitlines() if line.startswith("| a column of the clinical"))
    by_hand = {"clinical_entry.py", "reference/texts.tsv", "reference/ontology_terms.tsv"}
    by_hand.add("reference/test_items.tsv")
    assert by_hand <= set(re.findall(r"`([\w./]+)`", row))
    named = {p.name for p in SOURCE.rglob("*.py") if re.search(r"\bmri\b", p.read_text("utf-8"))}
    assert named == {"clinical_entry.py"}
    tables = {
        f"reference/{p.name}"
        for p in (ROOT / "reference").glob("*.tsv")
        if re.search(r"(?:\t|-)mri\b", p.read_text("utf-8"))
    }
    rules = {"reference/clinical_context.tsv", "reference/drug_rule_conditions.tsv"}
    rules |= {"reference/factor_conditions.tsv", "reference/factor_signs.tsv"}
    rules.add("reference/entry_equivalents.tsv")
    assert tables - rules - {"reference/CHANGES.tsv"} == by_hand - {"clinical_entry.py"}
    documents = {p.name for p in (ROOT / "docs").iterdir() if p.suffix in (".md", ".json")}
    shown = {n for n in documents if re.search(r"[`\"]mri[`\"]", (ROOT / "docs" / n).read_text())}
    made_from_it = {"sample-sheet.md", "report.schema.json", "data-dictionary.md"}
    # The page of promises names the columns of its cases, which no new column changes.
    assert shown - {"mission.md"} == {*made_from_it, "inputs.md"}
