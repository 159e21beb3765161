"""What the tables, the page and the pictures show."""
