"""Who translates: a table for the demo, or a service that is reached over HTTP."""
