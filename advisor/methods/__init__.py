"""One file per connection method, and the checks they share; a check answers with verdict and evidence."""
