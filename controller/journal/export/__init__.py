"""Files of the log for others: CSV, JSON Lines, proofs and archives."""
