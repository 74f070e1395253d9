"""Snapshots: the file format, the import of AWS CLI dumps, redaction and differences."""
