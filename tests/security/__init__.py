"""What an attacker tries, and what stands in the way."""
