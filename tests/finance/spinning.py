"""A child that never ends by itself."""

import sys

from tenants.core.limited import limit_self

if __name__ == "__main__":
    limit_self(int(sys.argv[1]), int(sys.argv[2]))
    while True:
        pass
