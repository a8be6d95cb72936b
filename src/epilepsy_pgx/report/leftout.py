"""Kinds of lines for which page one has no room, by which they are counted."""

from enum import StrEnum


class Left(StrEnum):
    """Kinds of lines that page one counts where it has no room for them."""

    INTERACTIONS = "interactions"
    MEDICINES = "medicines"
    """Of what is no anti-seizure drug, and has no row in the drug table."""
    TAKEN = "taken"
    MEETINGS = "meetings"
    """Of what a planned drug does to one that is taken, or that one to it."""
    PLANNED = "planned"
    AVOID = "avoid"
    STARTING = "starting"
    GENES = "genes"
    CONTEXT = "context"
