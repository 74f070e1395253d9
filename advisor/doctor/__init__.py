"""The person's own side: what is installed, configured and signed in on this machine."""
