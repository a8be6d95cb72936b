"""Curated sites, records, sequence, consequence and evidence."""
