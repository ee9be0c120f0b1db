"""The command palette: what can be done on the screen it was called from."""

from __future__ import annotations

from collections.abc import Iterator

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from batchtui.ui.commands import Command


class Verbs(Provider):
    """The commands of the screen and of the app that can be done now."""

    def _available(self) -> Iterator[tuple[Command, str, IgnoreReturnCallbackType]]:
        """Each command with its key and what runs it."""
        commands = {each.id: each for each in getattr(self.screen, "VERBS", ())}
        commands |= {each.id: each for each in getattr(self.app, "VERBS", ())}
        seen = set()
        for active in self.screen.active_bindings.values():
            command = commands.get(active.binding.id or "")
            if command is None or command.id in seen or not active.enabled:
                continue
            seen.add(command.id)
            node, action = active.node, active.binding.action

            async def run(node: object = node, action: str = action) -> None:
                await self.app.run_action(action, node)  # type: ignore[arg-type]

            yield command, self.app.get_key_display(active.binding), run

    async def discover(self) -> Hits:
        """Everything, before a word is typed."""
        for command, key, run in self._available():
            title = Content.assemble(command.help, (f"  {key}", "dim"))
            yield DiscoveryHit(title, run, text=command.help)

    async def search(self, query: str) -> Hits:
        """What fits the words typed."""
        matcher = self.matcher(query)
        for command, key, run in self._available():
            score = max(matcher.match(command.help), matcher.match(command.label))
            if score > 0:
                title = Content.assemble(matcher.highlight(command.help), (f"  {key}", "dim"))
                yield Hit(score, title, run, text=command.help)
