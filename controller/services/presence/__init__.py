"""Presence for operators: the people inside, missed taps and corrections."""
