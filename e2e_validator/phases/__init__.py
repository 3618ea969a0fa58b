"""One file per phase; each does one thing and says with counts what is now true."""
