"""Access levels and who holds them, schedules, the calendar."""
