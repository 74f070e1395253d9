"""IAM policies: documents, and decisions that are allow, deny or unknown."""
