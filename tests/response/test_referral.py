"""Who else is to be thought of for an evaluation for surgery, beside resistance up to 70 years."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.vocabulary import Mri
from tests.response.builders import gave_up, takes

OLDER, LESION = "context-surgery-older", "context-surgery-seizure-free-lesion"
RESISTANT = ClinicalEntry(
    age_years=Decimal(74),
    failed=(gave_up("levetiracetam"), gave_up("topiramate")),
    seizures_per_month=Decimal(2),
)
FREE = ClinicalEntry(
    mri=Mri.LESION,
    zone="one_resectable",
    seizures_per_month=Decimal(0),
    current=(takes("levetiracetam"),),
)


@pytest.mark.parametrize(
    ("entry", "row", "said"),
    [
        (RESISTANT, OLDER, True),
        (replace(RESISTANT, age_years=Decimal(70)), OLDER, False),
        (replace(RESISTANT, age_years=None), OLDER, False),
        (replace(RESISTANT, seizures_per_month=None), OLDER, False),
        (FREE, LESION, True),
        (replace(FREE, current=(takes("levetiracetam"), takes("topiramate"))), LESION, True),
        (replace(FREE, current=()), LESION, False),
        (replace(FREE, current=None), LESION, False),
        (replace(FREE, zone="one_eloquent"), LESION, False),
        (replace(FREE, zone=None), LESION, False),
        (replace(FREE, mri=Mri.NORMAL), LESION, False),
        (replace(FREE, seizures_per_month=Decimal(1)), LESION, False),
        (replace(FREE, seizures_per_month=None), LESION, False),
    ],
)
def test_rows(plain, entry, row, said):
    result = plain.interpret({}, (), {}, entry)
    found = {s.text_id for section in result.context for s in section.statements}
    assert (row in found) is said


def test_age_takes_no_referral_away(plain):
    result = plain.interpret({}, (), {}, RESISTANT)
    found = {s.text_id for section in result.context for s in section.statements}
    assert "context-surgery-referral" in found
