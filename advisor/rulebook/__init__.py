"""The rule book: texts, trees, prices and templates out of rules/; the only room that reads YAML."""
