"""Rule books: draft, check, rehearsal, publishing and the rules file."""
