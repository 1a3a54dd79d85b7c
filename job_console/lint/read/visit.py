"""Goes once through a file and asks each rule about the nodes that are its own."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ..models import Edit, Place
from .facts import Class, Function, Module, Parameters, Reach, Suspicion
from .names import Scope, absolute, constant, dotted, imported

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Check = Callable[..., Iterator[Suspicion]]
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass
class Frame:
    """A function that is being read."""

    node: FunctionNode
    name: str
    owner: str | None
    calls: set[str] = field(default_factory=set)


def place(node: ast.expr | ast.stmt | ast.ExceptHandler) -> Place:
    return Place(node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def first_line(node: FunctionNode) -> Place:
    return Place(node.lineno, node.col_offset, node.lineno, node.col_offset + len("def ") + len(node.name))


class Visitor:
    """Where in the file we stand, for the rules; and what they and the call graph take from it."""

    def __init__(
        self,
        module: Module,
        text: str,
        calls: Mapping[str, tuple[Check, ...]],
        nodes: Mapping[type[ast.AST], tuple[Check, ...]],
        packages: frozenset[str],
        is_test: bool,
    ) -> None:
        self.module = module
        self.text = text
        self._calls = {} if is_test else calls
        self._nodes = {} if is_test else nodes
        self._packages = packages
        self.scopes = [Scope(module.name, module.aliases)]
        self.ancestors: list[ast.AST] = []
        self.frames: list[Frame] = []
        self._classes: list[str] = []

    # What rules ask.

    def dotted(self, node: ast.expr) -> str | None:
        return dotted(node, self.scopes)

    def value(self, node: ast.expr | None) -> ast.expr | None:
        """The expression behind a local name."""
        if isinstance(node, ast.Name):
            for scope in reversed(self.scopes):
                if node.id in scope.values:
                    return scope.values[node.id]
                if node.id in scope.parameters:
                    return node
        return node

    def constant(self, node: ast.expr | None) -> object:
        return constant(self.value(node))

    @property
    def function(self) -> Frame | None:
        return self.frames[-1] if self.frames else None

    @property
    def inside(self) -> list[ast.AST]:
        """What surrounds the node within its function, the nearest last."""
        for index in range(len(self.ancestors) - 1, -1, -1):
            if isinstance(self.ancestors[index], (*_FUNCTIONS, ast.Lambda)):
                return self.ancestors[index + 1 :]
        return list(self.ancestors)

    def loops(self, node: ast.AST) -> list[ast.AST]:
        """Loops of this function whose body the node stands in, the nearest last."""
        chain = [*self.inside, node]
        return [
            loop
            for loop, below in itertools.pairwise(chain)
            if isinstance(loop, _LOOPS) and any(below is one for one in loop.body)
        ]

    @property
    def deferred(self) -> bool:
        """Within a lambda, or a function within a function: it runs later, who knows when."""
        return len(self.frames) > 1 or any(isinstance(one, ast.Lambda) for one in self.ancestors)

    def suspect(
        self,
        code: str,
        node: ast.expr | ast.stmt | ast.ExceptHandler,
        message: str,
        reach: Reach = Reach.ANYWHERE,
        fix: Edit | None = None,
    ) -> Suspicion:
        name = self.function.name if self.function else None
        return Suspicion(code, place(node), message, name, reach, fix)

    # The way through the file.

    def read(self, tree: ast.Module) -> None:
        self._top(tree.body)
        for check in self._nodes.get(ast.Module, ()):
            self.module.suspicions.extend(check(tree, self))
        for statement in tree.body:
            self.visit(statement)

    def _top(self, body: list[ast.stmt]) -> None:
        """Imports at the module's top hold in all of it, also above them."""
        names: set[str] = set()
        for node in _flat(body):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.module.aliases.update(imported(node, self.module.name, self.module.is_package))
                if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                    source = absolute(node, self.module.name, self.module.is_package)
                    self.module.stars = (*self.module.stars, source)
            elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                self.module.aliases[node.name] = f"{self.module.name}.{node.name}"
                self.module.dynamic |= node.name == "__getattr__"
            else:
                names.update(
                    one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
                )
        self.module.assigned = frozenset(names)

    def visit(self, node: ast.AST) -> None:
        for check in self._nodes.get(type(node), ()):
            self.module.suspicions.extend(check(node, self))
        if isinstance(node, ast.Call):
            self._call(node)
            self._children(node)
        elif isinstance(node, _FUNCTIONS):
            self._function(node)
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, ast.If) and (when := _when_tested(node.test)) is not None:
            self._production(node, when)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            if self.frames:
                self.scopes[-1].aliases.update(imported(node, self.module.name, self.module.is_package))
        else:
            self._children(node)
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
                self._assign(node)

    def _children(self, node: ast.AST) -> None:
        self.ancestors.append(node)
        for name in node._fields:
            value = getattr(node, name)
            if isinstance(value, ast.AST):
                self.visit(value)
            elif isinstance(value, list):
                self._list(value)
        self.ancestors.pop()

    def _list(self, nodes: list[ast.AST]) -> None:
        for one in nodes:
            if isinstance(one, ast.AST):
                self.visit(one)
            if isinstance(one, ast.If) and _when_tested(one.test) is False and _returns(one):
                return  # what follows runs in tests only

    def _production(self, node: ast.If, when: bool) -> None:
        """Of `if frappe.flags.in_test` only what runs outside of tests."""
        self.ancestors.append(node)
        self._list(node.orelse if when else node.body)  # type: ignore[arg-type]
        self.ancestors.pop()

    def _call(self, node: ast.Call) -> None:
        func = node.func
        last = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        for check in self._calls.get(last, ()):
            self.module.suspicions.extend(check(node, self))
        if not self.frames or any(isinstance(one, ast.Lambda) for one in self.ancestors):
            return
        name = self.dotted(func)
        if name and (resolved := self.callee(name)):
            self.frames[-1].calls.add(resolved)

    def callee(self, name: str) -> str | None:
        """As the call graph knows it: `shop.orders.Order.send` for `self.send`."""
        owner = self.frames[-1].owner if self.frames else None
        head, _, rest = name.partition(".")
        if head in ("self", "cls") and owner and rest and "." not in rest:
            return f"{owner}.{rest}"
        if name.startswith("super().") and owner:
            return f"super {owner}.{name[len('super().') :]}"
        return name if head in self._packages and "(" not in name else None

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if not self.frames or node.value is None:
            return
        for target in targets:
            if isinstance(target, ast.Name):
                self.scopes[-1].values[target.id] = node.value

    def _class(self, node: ast.ClassDef) -> None:
        name = ".".join([self.scopes[-1].name, node.name]) if not self._classes else f"{self._classes[-1]}.{node.name}"
        bases = tuple(base for base in (self.dotted(one) for one in node.bases) if base)
        self.module.classes[name] = Class(name, bases)
        self._classes.append(name)
        self._children(node)
        self._classes.pop()

    def _function(self, node: FunctionNode) -> None:
        in_class = bool(self.ancestors) and isinstance(self.ancestors[-1], ast.ClassDef)
        owner = self._classes[-1] if self._classes and (in_class or self.frames) else None
        above = self._classes[-1] if in_class else self.scopes[-1].name
        name = f"{above}.{node.name}"
        if self.frames:
            self.scopes[-1].aliases[node.name] = name
        frame = Frame(node, name, owner)
        arguments = node.args
        everything = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        everything += [one for one in (arguments.vararg, arguments.kwarg) if one]
        self.frames.append(frame)
        self.scopes.append(Scope(name, parameters=frozenset(one.arg for one in everything)))
        self._children(node)
        for check in self._nodes.get(ast.arguments, ()):  # once the whole function was seen
            self.module.suspicions.extend(check(node, self))
        self.scopes.pop()
        self.frames.pop()
        decorators = tuple(self.dotted(_undecorated(one)) or "?" for one in node.decorator_list)
        is_method = in_class and "staticmethod" not in decorators
        calls = frozenset(frame.calls)
        self.module.functions[name] = Function(
            name, first_line(node), parameters(node, is_method), decorators, calls, owner if in_class else None
        )


def _when_tested(test: ast.expr) -> bool | None:
    """True: the body runs in tests only; False: never in tests; None: it has nothing to do with tests."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _when_tested(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.Attribute) and test.attr == "in_test":
        return True
    return None


def _returns(node: ast.If) -> bool:
    return not node.orelse and isinstance(node.body[-1], (ast.Return, ast.Raise))


def _undecorated(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def parameters(node: FunctionNode, is_method: bool) -> Parameters:
    arguments = node.args
    positional = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    required = set(positional[: len(positional) - len(arguments.defaults)])
    if is_method and positional:
        required.discard(positional[0])
        positional = positional[1:]
    only = [one.arg for one in arguments.kwonlyargs]
    required.update(name for name, default in zip(only, arguments.kw_defaults, strict=True) if default is None)
    return Parameters(
        tuple(positional), tuple(only), frozenset(required), bool(arguments.vararg), bool(arguments.kwarg)
    )


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module's top, also those within `if` and `try`."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.If, ast.Try, ast.With)):
            yield from _flat(statement.body)
            yield from _flat(getattr(statement, "orelse", []))
            for handler in getattr(statement, "handlers", []):
                yield from _flat(handler.body)
