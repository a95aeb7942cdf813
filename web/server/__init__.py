"""Connections and deadlines of the web service."""
