"""One experiment from a resolved config: the plan of its runs, the runs, the effects, and the results folder."""
