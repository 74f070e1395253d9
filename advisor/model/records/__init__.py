"""AWS's records, one module per service, with AWS's own field names.

Only the members that are read are declared; decoding is the validation. Members that AWS may leave out are
optional, so that a sparse dump still loads.
"""
