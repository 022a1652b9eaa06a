"""The science: no file, clock, plot or global randomness in here."""
