"""Model cards and result files: what they print of a model, as data; and results given back in their forms."""
