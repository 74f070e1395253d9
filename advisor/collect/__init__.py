"""Reading a live account; the only room with boto3, and every operation it uses is in one table."""
