"""Which way into an instance works, why the others fail, and what exactly to change."""
