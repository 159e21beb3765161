"""Assets, collections and their readers: what is measured on."""
