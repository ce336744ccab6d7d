from flask import current_app


def verify_address() -> str:
    """Of the public page, as documents name it."""
    return f"{current_app.config['SETTINGS'].base_url}/verify"
