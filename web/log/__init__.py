"""The entry log's page: query, rows and persons."""
