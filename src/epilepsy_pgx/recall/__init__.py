"""Stored results told again: whose report would read otherwise, why, and what cannot be told."""
