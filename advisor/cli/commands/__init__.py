"""One module for each command; `command` in it is what click runs."""
