"""The door: decides, records, drives. `assembly` wires the rooms; `main` is the command line."""
