"""The data folder on the disk: which service owns each file, who may read it, and what deviates."""
