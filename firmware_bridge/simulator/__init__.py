"""Virtual hardware that ships: cards, a cable to pull, and the outside of a door. For demo and tests only."""
