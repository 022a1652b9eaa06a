"""The claims of the sources as data, the contrasts that test them, and the verdicts that follow from results by rule."""
