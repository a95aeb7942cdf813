"""The only place that reads or writes registry.db. The web and the command line write, the door looks up."""
