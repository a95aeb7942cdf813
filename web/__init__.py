"""The pages. This process has no right to pins, ports or the journal's file."""
