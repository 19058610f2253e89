"""Django's PostgreSQL backend with transactions that cost less."""
