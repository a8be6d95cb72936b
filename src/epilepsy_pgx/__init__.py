"""Pharmacogenomics for people with epilepsy: from a VCF to a report on anti-seizure drugs."""

__version__ = "0.1.0"
