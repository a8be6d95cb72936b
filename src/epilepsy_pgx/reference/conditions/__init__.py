"""Conditions of the rule tables: what each kind may say, and what it asks of a patient."""
