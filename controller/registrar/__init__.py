"""Answers operators' requests: the table of every request, and the checks in front of each."""
