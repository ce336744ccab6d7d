"""A problem of the machine or the folder, told in one sentence instead of a traceback."""


class LocalError(Exception):
    pass
