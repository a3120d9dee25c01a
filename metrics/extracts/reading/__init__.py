"""How official exports and answers are turned into rows: their words, their tables and their JSON."""
