"""What the papers printed: numbers as strings, claims and their reading."""
