"""The curated data package: load it, check it, explain it."""
