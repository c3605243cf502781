"""What was meant: what other systems and people write, and what it is called here."""
