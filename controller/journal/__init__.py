"""The only folder with SQL of journal.db: the log that the door writes, and what reads it."""
