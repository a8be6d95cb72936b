"""The reader of p. descriptions, beside the engine's own reader."""

import json

import pytest
import weaver
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.protein import ProteinChange, ProteinKind
from epilepsy_pgx.reference.package import Reference

KINDS = {
    "Subst": ProteinKind.SUBSTITUTION,
    "Identity": ProteinKind.SILENT,
    "Fs": ProteinKind.FRAMESHIFT,
    "Ext": ProteinKind.EXTENSION,
    "Del": ProteinKind.DELETION,
    "Dup": ProteinKind.DUPLICATION,
    "Ins": ProteinKind.INSERTION,
    "DelIns": ProteinKind.DELINS,
}
residue = st.sampled_from("Ala Arg Asn Cys Gln Gly His Leu Met Phe Ser Thr Trp Val".split())
number = st.integers(2, 2000)
added = st.lists(residue, min_size=1, max_size=3).map("".join)
stop = st.sampled_from(["", "Ter"])


@st.composite
def edits(draw: st.DrawFn) -> str:
    first, n = draw(residue), draw(number)
    place = f"{first}{n}"
    wide = f"{place}_{draw(residue)}{n + draw(st.integers(1, 9))}"
    other = draw(residue.filter(lambda r: r != first))
    return draw(
        st.sampled_from(
            [
                place + other,
                place + "Ter",
                place + "=",
                place + "fs",
                f"{place}{other}fsTer{n}",
                f"Ter{n}{other}extTer{draw(number)}",
                place + "del",
                wide + "del",
                place + "dup",
                wide + "dup",
                f"{place}_{other}{n + 1}ins{draw(added)}{draw(stop)}",
                f"{place}delins{draw(added)}{draw(stop)}",
                f"{wide}delins{draw(added)}{draw(stop)}",
            ]
        )
    )


def of_engine(edit: dict) -> tuple:
    """Return what the engine reads from one description."""
    posedit = edit["posedit"]
    place, what = posedit["pos"], posedit["edit"]
    end = (place["end"] or place["start"])["base"]
    after = what.get("alt", "") if what["type"] in ("Subst", "Ins", "DelIns", "Fs") else ""
    count = (what["stop"] or {}).get("count") if what["type"] == "Fs" else None
    return KINDS[what["type"]], place["start"]["base"], end, place["start"]["aa"], after, count


@given(st.lists(edits(), min_size=1, max_size=3), st.booleans())
def test_reads_what_the_engine_reads(names: list[str], predicted: bool) -> None:
    body = ";".join(names)
    body = f"({body})" if predicted else body
    name = f"p.[{body}]" if len(names) > 1 else f"p.{body}"
    parsed = json.loads(weaver.parse(f"NP_1.1:{name}").to_json())
    change = ProteinChange.read(f"NP_1.1:{name}")
    assert change.name == str(change) == name
    assert [(e.kind, e.first, e.last, e.before, e.after, e.stop_after) for e in change.edits] == [
        of_engine(m) for m in parsed.get("members", [parsed])
    ]


@pytest.mark.parametrize(
    ("name", "kind", "residues", "stops", "reach"),
    [
        ("p.?", ProteinKind.UNKNOWN, None, False, 0),
        ("p.(=)", ProteinKind.UNCHANGED, None, False, 0),
        ("p.(Met1?)", ProteinKind.START_LOST, (1, 1), False, 1),
        ("p.Arg222*", ProteinKind.SUBSTITUTION, (222, 222), True, 222),
        ("p.(Arg222Ter)", ProteinKind.SUBSTITUTION, (222, 222), True, 222),
        ("p.(Lys5_Gly9delinsAlaTer)", ProteinKind.DELINS, (5, 9), True, 9),
        ("p.(Lys5_Gly9del)", ProteinKind.DELETION, (5, 9), False, 9),
        ("p.(Ala13ProfsTer30)", ProteinKind.FRAMESHIFT, (13, 13), False, 30),
        ("p.(Ala13fs*30)", ProteinKind.FRAMESHIFT, (13, 13), False, 30),
        ("p.(Ter10TyrextTer77)", ProteinKind.EXTENSION, (10, 10), False, 10),
        ("p.[(Ala13ProfsTer3;Val20Met)]", ProteinKind.OTHER, (13, 13), False, 20),
        ("p.[(Ala13Pro;Val20Ter)]", ProteinKind.OTHER, (13, 20), True, 20),
        ("p.(Arg222<script>)", ProteinKind.OTHER, (222, 222), False, 222),
        ("nonsense", ProteinKind.OTHER, None, False, 0),
    ],
)
def test_what_is_asked(
    name: str, kind: ProteinKind, residues: tuple[int, int] | None, stops: bool, reach: int
) -> None:
    change = ProteinChange.read(name)
    assert change.kind is kind
    assert change.residues == residues
    assert any(e.stops for e in change.edits) is stops
    assert change.reach == reach


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("p.(Arg222Ter)", "p.(Arg211Ter)"),
        ("p.(Lys15_Gly19del)", "p.(Lys4_Gly8del)"),
        ("p.(Ala1343ProfsTer33)", "p.(Ala1332ProfsTer33)"),
        ("p.(Ter2010TyrextTer17)", "p.(Ter1999TyrextTer17)"),
        ("p.[(Ala13Pro;Val20Ter)]", "p.[(Ala2Pro;Val9Ter)]"),
    ],
)
def test_only_places_are_renumbered(name: str, shown: str) -> None:
    assert ProteinChange.read(name).renumbered(11).name == shown


def test_prediction_is_in_parentheses() -> None:
    for name in ("p.Val250=", "p.(Val250=)"):
        assert ProteinChange.read(name).predicted().name == "p.(Val250=)"


def test_every_name_of_the_tables_is_read(reference: Reference) -> None:
    for table, column in (
        ("classified_variants", "hgvs_p"),
        ("functional_evidence", "protein_change"),
        ("cis_haplotypes", "hgvs_p"),
    ):
        for row in reference.table(table):
            if (name := row[column]) is not None:
                change = ProteinChange.read(name)
                assert change.name == name
                assert change.kind not in (ProteinKind.UNKNOWN, ProteinKind.OTHER), name
                assert change.residues is not None or change.kind is ProteinKind.UNCHANGED
