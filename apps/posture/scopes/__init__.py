"""What a snapshot shows of apps and service accounts, told as findings."""
