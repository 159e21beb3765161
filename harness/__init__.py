"""The workbench: says, number by number, whether what a paper printed about text embeddings holds."""
