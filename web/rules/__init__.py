"""The rules in words and forms, a file for each rule."""
