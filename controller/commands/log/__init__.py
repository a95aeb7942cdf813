"""The command `genkan log`, a file for each subcommand."""
