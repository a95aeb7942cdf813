"""A file for each page. Routes ask services and show templates; plain functions run in the thread pool."""
