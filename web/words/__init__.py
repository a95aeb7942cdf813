"""Words for codes, records and times, in the visitor's language."""
