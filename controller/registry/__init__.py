"""The only folder with SQL of registry.db: the web service and the command line write it, the door reads."""
