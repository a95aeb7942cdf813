"""The command line, one file for each command.

A command imports what it needs when it runs, so the door starts fast.
"""
