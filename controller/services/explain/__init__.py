"""Explanations of a refusal, of a record and of what a person may enter."""
