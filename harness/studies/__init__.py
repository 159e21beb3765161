"""Studies, their experiments and methods, and the plan of a run."""
