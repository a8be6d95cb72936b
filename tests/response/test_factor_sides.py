"""On which side of a factor a line stands, and where it must not, as it goes against another."""

import pytest

from epilepsy_pgx.reference.package import Reference
from tests.response.test_factors import DAY, GOES_ON, LEVEL, texts, told
from tests.said import SpeakingEngine

METABOLITE = (
    "current_drugs=clobazam[start=2026-01-01;level=0.2 mg/L;metabolite_level=9 mg/L;"
    "level_date=2026-11-10;level_hours=12]"
)
POOR = ("CYP2C19=*2/*2",)
OLD_LEVEL = (
    "current_drugs=valproate[start=2020-01-01;level=80 mg/L;level_date=2026-06-01;level_hours=12]"
    "|meropenem[start=2026-11-18]"
)
NEW_LEVEL = OLD_LEVEL.replace("2026-06-01", "2026-11-19")
UNDATED_LEVEL = OLD_LEVEL.replace("level_date=2026-06-01;", "")
MOSTLY_LOW = (
    "current_drugs=lamotrigine[start=2020-01-01;level=1 mg/L;level_date=2026-11-10;level_hours=12]"
)
LEVELS = [
    # A drug that treats no seizures is lowered without a failure of the others.
    (("current_drugs=phenytoin|apixaban",), (), "drug_way", "supports", "factor-lowered", False),
    # What is not taken lowers nothing, and is lowered by nothing.
    (
        ("current_drugs=lamotrigine|carbamazepine", "adherence=not_taken"),
        (),
        "drug_way",
        "supports",
        "factor-lowered",
        False,
    ),
    # A drug that may bring on the seizures of an infant.
    (
        ("syndromes=infantile_spasms", "age_years=0.6", "current_drugs=carbamazepine"),
        (),
        "diagnosis",
        "supports",
        "factor-unsuited",
        True,
    ),
    (
        ("current_drugs=apixaban[route=feeding_tube]",),
        (),
        "drug_way",
        "unknown",
        "factor-feeding-tube",
        False,
    ),
    # The autoimmune cause is a cause, whatever the diagnosis.
    (("syndromes=autoimmune_encephalitis",), (), "cause", "supports", "factor-entered", True),
    (("syndromes=autoimmune_encephalitis",), (), "diagnosis", "supports", "factor-entered", False),
    (("signs=psychosis",), (), "cause", "unknown", "factor-autoimmune", True),
    (("signs=aggression",), (), "cause", "unknown", "factor-autoimmune", False),
    # Pregnancy lowers lamotrigine and levetiracetam, with or without a level.
    (
        ("current_drugs=lamotrigine[start=2022-01-01]", "pregnant=yes"),
        (),
        "drug_way",
        "supports",
        "factor-pregnancy",
        True,
    ),
    (
        ("current_drugs=levetiracetam[start=2022-01-01]", "pregnant=yes"),
        (),
        "drug_way",
        "supports",
        "factor-pregnancy",
        True,
    ),
    (
        ("current_drugs=topiramate[start=2022-01-01]", "pregnant=yes"),
        (),
        "drug_way",
        "supports",
        "factor-pregnancy",
        False,
    ),
    # A fall for which the label changes no dose explains no failure.
    (
        ("current_drugs=brivaracetam|carbamazepine",),
        (),
        "drug_way",
        "supports",
        "factor-lowered",
        False,
    ),
    # Of a drug that one raises and another lowers both are said, not the fall alone.
    (
        ("current_drugs=lamotrigine|valproate|carbamazepine",),
        (),
        "drug_way",
        "supports",
        "factor-opposing",
        True,
    ),
    (
        ("current_drugs=lamotrigine|carbamazepine",),
        (),
        "drug_way",
        "supports",
        "factor-opposing",
        False,
    ),
    # An inducer is named as what lowers zonisamide.
    (("current_drugs=zonisamide|phenytoin",), (), "drug_way", "supports", "factor-lowered", True),
    (
        ("current_drugs=oxcarbazepine[start=2022-01-01]", "pregnant=yes"),
        (),
        "drug_way",
        "supports",
        "factor-pregnancy",
        True,
    ),
    # A measured level decides what another drug was expected to do to it.
    (("current_drugs=lamotrigine|rifampicin",), (), "drug_way", "supports", "factor-lowered", True),
    (
        (
            "current_drugs=lamotrigine[start=2024-01-01;level=22 mg/L;level_date=2026-11-01;"
            "level_hours=12]|rifampicin",
        ),
        (),
        "drug_way",
        "supports",
        "factor-lowered",
        False,
    ),
    (
        (
            "current_drugs=lamotrigine[start=2024-01-01;level=0.5 mg/L;level_date=2026-11-01;"
            "level_hours=12]|rifampicin",
        ),
        (),
        "drug_way",
        "supports",
        "factor-lowered",
        True,
    ),
    # One from before the other drug decides nothing; the two are not to be taken together.
    ((OLD_LEVEL, DAY), (), "drug_way", "supports", "factor-lowered", False),
    ((OLD_LEVEL, DAY), (), "drug_way", "supports", "factor-lowered-avoid", True),
    ((OLD_LEVEL, DAY), (), "drug_way", "opposes", "factor-level-within", False),
    ((OLD_LEVEL, DAY), (), "drug_way", "unknown", "factor-level-unreadable", True),
    # Nor does one from the first days beside it, or one that may be from before it.
    ((NEW_LEVEL, DAY), (), "drug_way", "supports", "factor-lowered-avoid", True),
    ((NEW_LEVEL, DAY), (), "drug_way", "opposes", "factor-level-within", False),
    ((UNDATED_LEVEL, DAY), (), "drug_way", "supports", "factor-lowered-avoid", True),
    # What a variant does may be open while its class is not.
    ((), ("KCNQ2=direction_not_determined_plp",), "cause", "supports", "factor-variant", True),
    ((), ("KCNQ2=conflicting_direction",), "cause", "supports", "factor-variant", True),
    (
        (),
        ("KCNQ2=direction_not_determined_plp",),
        "cause",
        "unknown",
        "factor-variant-possible",
        False,
    ),
    ((), ("KCNQ2=vus",), "cause", "supports", "factor-variant", False),
    ((MOSTLY_LOW, DAY), (), "drug_way", "supports", "factor-level-below-most", True),
    (("signs=vomiting",), (), "drug_way", "supports", "factor-vomiting", True),
    # A level of the metabolite is named as such, and a genotype that fits it is said.
    ((METABOLITE, DAY), (), "tolerance", "supports", "factor-level-above-metabolite", True),
    ((METABOLITE, DAY), (), "tolerance", "supports", "factor-level-above", False),
    ((METABOLITE, DAY), POOR, "tolerance", "supports", "factor-level-genotype", True),
    ((METABOLITE, DAY), (), "tolerance", "supports", "factor-level-genotype", False),
    (("current_drugs=clobazam",), POOR, "tolerance", "supports", "factor-level-genotype", False),
    # A syndrome is no variant.
    (("syndromes=dravet",), (), "cause", "unknown", "factor-variant-possible", False),
    # A delay is a consequence, and leaves open why the drugs failed.
    (("cognition=declining",), (), "mood_cognition", "supports", "factor-entered", False),
    (("cognition=declining",), (), "mood_cognition", "unknown", "factor-cognition-open", True),
]


BESIDE = (
    "current_drugs=carbamazepine[start=2024-01-01;level={};level_date=2026-11-10;level_hours=12]|{}"
)
LEVELS += [
    ((BESIDE.format("1 mg/L", "hypericum"), DAY), (), "drug_way", "supports", text, True)
    for text in ("factor-together-low", "factor-level-below")
]
LEVELS += [
    ((BESIDE.format(level, beside), DAY), (), "drug_way", "supports", "factor-together-low", False)
    for level, beside in (("8 mg/L", "hypericum"), ("1 mg/L", "lamotrigine"))
]
# Weeks decide in infantile spasms: nothing is too early then.
LEVELS += [
    (
        ("current_drugs=vigabatrin[start=2026-10-20]", "failed_drugs=.", *cells, DAY, GOES_ON),
        (),
        "drug_way",
        "supports",
        "factor-too-early",
        said,
    )
    for cells, said in (
        ((), True),
        (("syndromes=infantile_spasms",), False),
        (("seizure_types=spasms",), False),
    )
]

TWO = (
    "failed_drugs=levetiracetam[reason=lack_of_effect;adequate=yes]"
    "|lacosamide[reason=lack_of_effect;adequate=yes]"
)
RESISTANT = (TWO, DAY, "last_seizure=2026-11-15", "seizures_per_month=4", "age_years=35")
NEVER = ("surgery=none", "stimulator=none", "diet=none")
BESIDE_DRUGS = [
    # What was never used speaks once resistance is met, and is open before.
    ((*RESISTANT, *NEVER), (), "other_treatments", "supports", "factor-never-used", True),
    ((*RESISTANT, *NEVER), (), "other_treatments", "unknown", "factor-no-answer", False),
    (NEVER, (), "other_treatments", "supports", "factor-never-used", False),
    (NEVER, (), "other_treatments", "unknown", "factor-no-answer", True),
    # A diet that is contraindicated is neither reviewed for effect nor weighed.
    (("syndromes=carnitine_deficiency", "diet=ketogenic"), (), "other_treatments", "supports",
     "factor-diet-contraindicated", True),
    (("syndromes=carnitine_deficiency", "diet=ketogenic"), (), "other_treatments", "supports",
     "factor-goes-on", False),
    ((*RESISTANT, "syndromes=carnitine_deficiency", "diet=none"), (), "other_treatments",
     "supports", "factor-never-used", False),
    (("syndromes=carnitine_deficiency", "diet=none"), (), "other_treatments", "unknown",
     "factor-diet-forbidden", True),
    # The gene says as much as the word.
    (("diet=none",), ("SLC2A1=monoallelic_plp",), "other_treatments", "supports",
     "factor-diet-variant", True),
    (("diet=ketogenic",), ("SLC2A1=monoallelic_plp",), "other_treatments", "supports",
     "factor-diet-variant", False),
    # Nobody is asked to raise a drug that harms, or of which the level is high.
    (("current_drugs=lamotrigine[reaction=rash]|carbamazepine",), (), "drug_way", "supports",
     "factor-lowered", False),
    (("age_years=40", "entry_date=2026-11-29", "signs=unsteadiness",
      "current_drugs=carbamazepine[start=2025-01-01;dose=200 mg/day]"), (),
     "drug_way", "supports", "factor-dose-low", False),
    (("age_years=40", "entry_date=2026-11-29",
      "current_drugs=carbamazepine[start=2025-01-01;dose=200 mg/day]"), (),
     "drug_way", "supports", "factor-dose-low", True),
    # A pair that is not to be taken together has a line that comes first.
    (("current_drugs=valproate|meropenem",), (), "drug_way", "supports", "factor-lowered-avoid",
     True),
    (("current_drugs=valproate|meropenem",), (), "drug_way", "supports", "factor-lowered", False),
    # A drug that was given up is not asked whether it stays.
    (("syndromes=dravet", "failed_drugs=carbamazepine[reason=lack_of_effect]",
      "current_drugs=valproate"), (), "diagnosis", "supports", "factor-unsuited", False),
    (("syndromes=dravet", "failed_drugs=carbamazepine[reason=lack_of_effect]",
      "current_drugs=valproate"), (), "diagnosis", "supports", "factor-unsuited-past", True),
    (("syndromes=dravet", "current_drugs=carbamazepine"), (), "diagnosis", "supports",
     "factor-unsuited", True),
    # A level that another one contradicts speaks against nothing.
    ((LEVEL.format("8 mg/L;free_level=9 mg/L"), DAY), (), "drug_way", "opposes",
     "factor-level-within", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "genes", "factor", "side", "text", "said"), LEVELS + BESIDE_DRUGS
)
def test_a_line_stands_on_a_side_or_not(
    engine: SpeakingEngine,
    reference: Reference,
    entry: tuple[str, ...],
    genes: tuple[str, ...],
    factor: str,
    side: str,
    text: str,
    said: bool,
) -> None:
    found = told(engine, reference, *entry, genes=genes)[factor]
    assert (text in texts(getattr(found, side))) is said
