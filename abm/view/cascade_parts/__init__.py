"""What the figure of a cascade is made of: counts, strip of regions, table of first acts; and the figure of one decision."""
