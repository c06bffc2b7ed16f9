"""What apps are for: declared by one person, approved by another."""
