"""The shell around visits: sockets, Redis, SQL. What is decided is decided in `rvw.domain`; here bytes are moved."""
