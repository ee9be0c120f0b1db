"""`batchtui simulate`: a Message Batches API on this machine."""

from __future__ import annotations

from textwrap import wrap

import click

from batchtui.cli.options import examples
from batchtui.cli.quantities import Number
from batchtui.simulator.faults import KINDS
from batchtui.simulator.params import PROMPTS
from batchtui.simulator.scenarios import SCENARIOS
from batchtui.simulator.server import serve, worlds


def _listed(says: dict[str, str]) -> str:
    width = max(map(len, says))
    lines = []
    for name, words in says.items():
        first, *more = wrap(words, 74 - width, break_on_hyphens=False)
        lines += [f"  {name:<{width}}  {first}", *(f"  {'':<{width}}  {line}" for line in more)]
    return "\b\n" + "\n".join(lines)


_EPILOG = "\n\n".join(
    (
        examples(
            "batchtui simulate --port 8090 --seed 2",
            "batchtui simulate --speed 60 --fault 529@0.1 --fault 429/create:3",
        ),
        "\b\nScenarios:",
        _listed({name: scenario.says for name, scenario in SCENARIOS.items()}),
        "\b\nFaults, as KIND[=VALUE][/OPERATION][:COUNT or @RATE], such as 429:3, 529@0.2,\n"
        "reset/results:1, latency=2.5:",
        _listed({name: kind.says for name, kind in KINDS.items()}),
        "\b\nPrompts in which one of these stands get just that:",
        _listed(PROMPTS),
    )
)


@click.command("simulate", epilog=_EPILOG)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 for a free one.")
@click.option("--seed", type=int, default=1, help="Tells worlds of one scenario apart.")
@click.option(
    "--speed",
    type=Number(min=0),
    default=1.0,
    help="How many times as fast as real time its world lives.",
)
@click.option("--scenario", metavar="NAME[:SIZE]", default="demo", help="How its world begins.")
@click.option(
    "--counts",
    type=click.Choice(["api", "live"]),
    default="api",
    help="Whether counts stand still until a batch has ended, as documented, or move.",
)
@click.option(
    "--queue-limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many requests may wait to be processed at a time; more are refused. None by default.",
)
@click.option("--fault", "faults", multiple=True, metavar="SPEC", help="Something to go wrong.")
@click.option(
    "--lacks",
    multiple=True,
    metavar="OPERATION[=STATUS],...",
    help="Operations that are not offered, as by a gateway: list, delete=405, ...",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY=SCENARIO",
    help="A key with a world of its own; any other opens that of --scenario. Can be repeated.",
)
def command(
    port: int,
    seed: int,
    speed: float,
    scenario: str,
    counts: str,
    queue_limit: int | None,
    faults: tuple[str, ...],
    lacks: tuple[str, ...],
    keys: tuple[str, ...],
) -> None:
    """Run a simulated Message Batches API on the loopback interface until interrupted.

    The first line on stdout is its base URL, alone; how to use it goes to stderr.
    """
    serve(
        port=port,
        seed=seed,
        speed=speed,
        scenario=scenario,
        counts="live" if counts == "live" else "api",
        queue_limit=queue_limit,
        faults=faults,
        lacks=lacks,
        keys=worlds(keys),
    )
