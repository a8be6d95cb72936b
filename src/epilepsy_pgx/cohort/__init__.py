"""Tables over all patients of a run."""
