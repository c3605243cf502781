"""How models read the nodes of a rule file: each mistake becomes an issue at its position, the rest is still read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeAlias, TypeVar, cast, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from engine.rules.found import Position, is_near
from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Node, Scalar, Sequence, shown
from engine.rules.shapes import Shape, shape
from engine.rules.suggestions.keys import key_here

_EXPECTED = {
    "model_type": "mapping",
    "dict_type": "mapping",
    "list_type": "list",
    "tuple_type": "list",
    "too_short": "not_empty",
}
"""Wording in ``Issues.expected`` by pydantic's type of error."""

_TRIED = 10
"""The most keys by which an entry without a known key is recognized as something else."""


class TooManyIssues(Exception):
    """The limit of issues is reached, so nothing else is read. Pydantic passes on exceptions that are not its own."""


def issues_of(info: ValidationInfo) -> Issues:
    """What a validation adds to. Raises TooManyIssues."""
    issues = cast(Issues, info.context)
    if issues.more:
        raise TooManyIssues
    return issues


def reported() -> PydanticCustomError:
    """The error of a node whose issue is already added."""
    return PydanticCustomError("reported", "reported")


class Entry(BaseModel):
    """A mapping of the rule file. The context of a validation is the ``Issues`` to add to.

    An optional key that cannot be read counts as absent, so that the others are still checked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True)

    __slots__ = ("_node",)
    if TYPE_CHECKING:  # a private attribute of pydantic's own takes several times as long to read
        _node: Mapping

    @model_validator(mode="wrap")
    @classmethod
    def _read(cls, node: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if not isinstance(node, Mapping):
            issues_of(info).keys_needed(node.place, cls._needed(), shown(node))
            raise reported()
        node, meant = cls._as_meant(node, issues_of(info))
        unlike = cls._unlike(node, issues_of(info))
        keys = cls.keys().keys() - unlike
        known = {key: value for key, value in node.items() if key in keys}
        try:
            entry = handler(known)
        except ValidationError as error:
            unread = _report(error, node, issues_of(info), meant | unlike)
            if unread & (cls.required() - cls._sound() | {None}):
                raise reported() from None
            read = {key: value for key, value in known.items() if key not in unread}
            entry = handler(read | dict.fromkeys(unread & cls._sound(), ABSENT))
        object.__setattr__(entry, "_node", node)
        return entry

    @classmethod
    @cache
    def keys(cls) -> dict[str, bool]:
        """Every key, and whether it is required."""
        return {field.alias or name: field.is_required() for name, field in cls.model_fields.items()}

    @classmethod
    def required(cls) -> set[str]:
        return {key for key, required in cls.keys().items() if required}

    @classmethod
    @cache
    def _sound(cls) -> frozenset[str]:
        """The required keys without which the others are still checked."""
        fields = {field.alias or name: field for name, field in cls.model_fields.items()}
        return frozenset(
            key for key, field in fields.items() if field.is_required() and _READ_OR_NONE in field.metadata
        )

    @classmethod
    def _needed(cls) -> list[str]:
        """The keys that an entry must have, or the first optional one if it needs none."""
        return [key for key, required in cls.keys().items() if required] or list(cls.keys())[:1]

    @classmethod
    def _as_meant(cls, node: Mapping, issues: Issues) -> tuple[Mapping, set[str]]:
        """The node with misspelt keys read as they are meant, and the keys that unknown ones may stand for."""
        keys = cls.keys()
        meant = set(keys) if node.merges else set()
        if node.keys() <= keys.keys():
            return node, meant
        free = [key for key in keys if key not in node]
        other_kind = len(node) == 1 and issubclass(cls, Alternative)
        strange = len(free) == len(keys) and not other_kind
        if strange and not any(issues.knows_key(key, keys) for key in islice(node, _TRIED)):
            issues.keys_needed(node.place, cls._needed(), f"{{{next(iter(node))}: …}}")
            raise reported()
        missing = [key for key in free if keys[key]]
        only = missing[0] if len(missing) == 1 and len(node.keys() - keys.keys()) == 1 else ""
        spelt: dict[Scalar, Scalar] = {}
        cut: set[str] = set()
        before = None
        for key in node.written_keys:
            if key not in keys:
                bare = node.in_brackets and key.is_bare(node[key])
                stands_for = only if only and shape(cls).keys[only].takes(node[key]) else ""
                inside = next((each for each in node if each in keys and key in shape(cls).keys[each].keys), "")
                suggestion = issues.unknown_key(key.place, key, keys, free, stands_for, inside, bare)
                known = suggestion.partition(":")[0]
                misspelt = known in free and known not in meant and is_near(key, suggestion)
                if misspelt and shape(cls).keys[known].takes(node[key]):
                    spelt[key] = key.read_as(known)
                meant.add(known)
                if bare and before is not None:  # it was meant to go on with the value before it
                    cut.add(before)
                    meant.add(before)
                if issues.more:
                    break
            before = key
        return node.renamed(spelt, cut), meant

    @classmethod
    @cache
    def _lists(cls) -> dict[str, Shape]:
        """The shapes of entries, by the keys that take a list of them."""
        return {key: each.listed for key, each in shape(cls).keys.items() if each.listed and each.listed.keys}

    @classmethod
    def _unlike(cls, node: Mapping, issues: Issues) -> set[str]:
        """The keys with lists of texts where entries are needed, as in `parts: [shoes, hats]`: one mistake each."""
        written = {key: entry.texts_in(node[key]) for key, entry in cls._lists().items() if key in node}
        unlike = {key for key, texts in written.items() if texts}
        for key in unlike:
            issues.entries_needed(node[key].place, key, cls._lists()[key].needed, written[key], shown(node[key]))
        return unlike

    @property
    def written(self) -> tuple[Scalar, ...]:
        """The keys that are written in the file."""
        return tuple(self._node.written_keys)

    def key_place(self, key: str) -> Position:
        return self._node.written_key(key).place

    def place(self, *path: int | str) -> Position:
        """The position at the end of a path of keys and indices; missing steps are skipped."""
        return _at(self._node, path).place


class Alternative(Entry):
    """An entry that takes exactly one of the keys in ``kinds``, whatever else it takes."""

    kinds: ClassVar[tuple[str, ...]]

    @property
    def kind(self) -> str:
        return next(key for key in self.kinds if key in self._node)

    @classmethod
    def required(cls) -> set[str]:
        return super().required() | set(cls.kinds)

    @classmethod
    def _needed(cls) -> list[str]:
        return [key for key, required in cls.keys().items() if required or key == cls.kinds[0]]

    @classmethod
    def _as_meant(cls, node: Mapping, issues: Issues) -> tuple[Mapping, set[str]]:
        """As in `Entry`; `{type: gift, sku: MUG}` is one mistake, whatever its other keys are."""
        keys = cls.keys()
        for key in node.written_keys if node.keys().isdisjoint(cls.kinds) else ():
            kind = key_here(shown(node[key]), cls.kinds).partition(":")[0]
            if kind and key not in keys and (key == "type" or key.endswith("_type")):
                issues.kind_as_value(key.place, key, kind)
                raise reported()
        return super()._as_meant(node, issues)

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        found = [key for key in self.kinds if key in self._node]
        if not found and any(key not in self.keys() for key in self._node):
            raise reported()
        if len(found) != 1:
            raise PydanticCustomError("not_exactly_one", "{found}", {"words": self.kinds, "found": found})
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        written = handler(schema)
        handler.resolve_ref_schema(written)["oneOf"] = [{"required": [key]} for key in cls.kinds]
        return written


class Kinds:
    """Marks a union of which ``kind`` says, for a node, which type by its place is meant."""

    def __init__(self, kind: Callable[[Node], int]) -> None:
        self._kind = kind

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        schemas = [handler.generate_schema(each) for each in get_args(source)]
        tags = [f"<{place}>" for place in range(len(schemas))]
        return core_schema.tagged_union_schema(
            dict(zip(tags, schemas, strict=True)), lambda node: tags[self._kind(node)]
        )


ABSENT = object()
"""Stands for the value of a required key that is missing, once that is reported."""


def _read_or_none(node: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    if node is ABSENT:
        return None
    try:
        return handler(node)
    except ValidationError as error:
        _report(error, node, issues_of(info))
        return None


_READ_OR_NONE = WrapValidator(_read_or_none)
_T = TypeVar("_T")
Sound: TypeAlias = Annotated[_T | None, _READ_OR_NONE]
"""Reads what may be mistaken or missing so that what is around it is still checked: None then, with issues added."""


def _report(error: ValidationError, node: Node, issues: Issues, meant: Collection[str] = ()) -> set[str | None]:
    """Adds an issue for each error; the keys of the node that could not be read, None for the node itself.

    Keys that are ``meant`` by other ones are not missing.
    """
    unread: set[str | None] = set()
    for each in error.errors(include_url=False, include_input=False):
        path = each["loc"]
        unread.add(str(path[0]) if path else None)
        if each["type"] != "missing" or path[-1] not in meant:
            _report_one(each, _at(node, path), issues)
    return unread


def _at(node: Node, path: tuple[int | str, ...]) -> Node:
    """The innermost node on the path; steps that pydantic adds, such as a union's tag, are skipped."""
    for step in path:
        if isinstance(node, Mapping) and step in node:
            node = node[str(step)]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node[step]
        elif isinstance(node, Mapping) and isinstance(step, int):  # of a list that the file writes by name
            node = list(node.values())[step]
    return node


def _report_one(error: ErrorDetails, node: Node, issues: Issues) -> None:
    context = error.get("ctx", {})
    match error["type"]:
        case "reported":
            pass
        case "too_short" if node:  # its entries are mistaken, not missing
            pass
        case "missing" if isinstance(node, Mapping):
            issues.missing_key(node.place, str(error["loc"][-1]), node.key or "")
        case "not_exactly_one":
            issues.not_exactly_one(node.place, context["words"], context["found"])
        case kind:
            issues.expected(node.place, _EXPECTED[kind], shown(node), str(error["loc"][-1]))
