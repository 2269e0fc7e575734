"""What a rule with a `fix` is given: the node where its problem is. Apart from `fixes`, which knows all rules."""

from __future__ import annotations

from dataclasses import dataclass

from yaml.nodes import Node, ScalarNode


@dataclass(frozen=True)
class At:
    """What stands where a problem is: a key with its value, or a value alone."""

    text: str  # the whole file
    node: Node
    following: Node | None = None  # the value, where `node` is a key
    key: str | None = None  # whose value `node` is
    severity: str = "error"

    def written(self, node: Node) -> str:
        return self.text[node.start_mark.index : node.end_mark.index]

    def plain(self, node: Node | None) -> str | None:
        """What is written of a scalar without quotes; None of anything else."""
        if not isinstance(node, ScalarNode) or node.style or not self.written(node):
            return None
        return self.written(node) if self.written(node) == node.value else None
