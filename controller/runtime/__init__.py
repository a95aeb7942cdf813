"""Where time passes: the door process's three threads (decide, record, drive) and the only clock."""
