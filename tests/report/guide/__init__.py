"""Validation of our bundles against the StructureDefinitions of the Genomics Reporting guide."""
