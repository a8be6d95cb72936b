"""The resources of a FHIR bundle, as they are put together."""

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.fhir_codes import CATEGORY, PROFILES, SECTION, Json, coding, day, line
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords


class Entries:
    """The resources of one report by a key of their own, and what all of them share.

    Parameters
    ----------
    status
        Status of the report in FHIR, which every observation has too.
    """

    def __init__(self, report: PatientReport, ref: Reference, status: str) -> None:
        self.report = report
        self.status = status
        self.wording = Wording(ref, report.language)
        self.terms = ReportWords(self.wording)
        self.found: dict[str, Json] = {}
        self.seed = uuid5(
            NAMESPACE_URL, f"urn:epilepsy-pgx:{report.report_id}:{report.patient.sample_id}"
        )

    def url(self, key: str) -> str:
        """Return the full URL of a resource, derived from the report's id."""
        made: UUID = uuid5(self.seed, key)
        return f"urn:uuid:{made}"

    def to(self, key: str) -> Json:
        """Return a reference to a resource."""
        return {"reference": self.url(key)}

    def say(self, text_id: str) -> str:
        """Return a text in the report's language."""
        return self.wording.say(text_id)

    def observe(
        self, key: str, profile: str | None, code: Json, category: str = "laboratory", **more: Any
    ) -> None:
        """Add an observation; `profile` is None if it fits none of the guide's."""
        genetics = [coding(SECTION, "GE", "Genetics")] if category == "laboratory" else None
        self.found[key] = {
            "resourceType": "Observation",
            "meta": {"profile": [PROFILES + profile]} if profile else None,
            "extension": more.pop("extension", None),
            "status": self.status,
            "category": [
                {"coding": [coding(CATEGORY, category, category.capitalize())]},
                {"coding": genetics},
            ],
            "code": code,
            "subject": self.to("patient"),
            "effectiveDateTime": day(self.report.patient.collected),
            "specimen": self.to("specimen") if category == "laboratory" else None,
            "device": self.to("software"),
            **more,
        }

    def notes(self, *texts: str) -> list[Json]:
        """Return texts as notes, without the empty ones."""
        return [{"text": line(t)} for t in texts if line(t)]
