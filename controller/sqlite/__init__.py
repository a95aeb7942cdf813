"""How to read a SQLite file that another process writes: which file, which limits, which schema."""
