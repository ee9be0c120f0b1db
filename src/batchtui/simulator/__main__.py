"""`python -m batchtui.simulator`: the simulator as a process of its own, for scripts."""

import argparse

from batchtui.domain.errors import BatchtuiError
from batchtui.simulator.server import serve, worlds


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m batchtui.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--scenario", default="demo", help="such as demo, or big:20000")
    parser.add_argument("--counts", choices=("api", "live"), default="api")
    parser.add_argument("--queue-limit", type=int, metavar="N")
    parser.add_argument("--fault", action="append", default=[], dest="faults", metavar="SPEC")
    parser.add_argument("--lacks", action="append", default=[], metavar="OPERATION[=STATUS],...")
    parser.add_argument("--key", action="append", default=[], dest="keys", metavar="KEY=SCENARIO")
    options = vars(parser.parse_args())
    try:
        serve(**options | {"keys": worlds(options["keys"])})
    except BatchtuiError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
