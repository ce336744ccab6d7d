"""Where a form or an address may send its visitor on to."""


def is_local(target: str) -> bool:
    """A path of this site, and nothing that a browser could read as another host."""
    return (
        target.startswith("/")
        and target[1:2] != "/"
        and "\\" not in target
        and not any(ord(char) < 32 or ord(char) == 127 for char in target)
    )
