"""What is unusual about who signs in to an org: noticed here, turned into findings by posture."""
