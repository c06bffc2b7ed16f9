"""What the console knows of an incident at one org: one file for each thing that is told."""
