"""The phases of a quarter, one file each; their order is in `abm.model.quarter`."""
