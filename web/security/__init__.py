"""What every request passes before a route sees it, as plain ASGI classes.

BaseHTTPMiddleware is avoided on purpose: it wraps the body and breaks live streams.
"""
