"""What the org logs of its own use, and the files it gives out."""
