"""A small validator of JSON Schema (draft 2020-12): the keywords that docs/*.schema.json use, and a failure for any
other, so that a typo in a schema is no silent pass. Nothing of it is shared with wasmpack."""

ANNOTATIONS = {"$schema", "$defs", "title", "description"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


class Validator:
    def __init__(self, schema):
        self.schema = schema
        self.used = set()     # (id of the schema that has it, name) of each property that a value had
        self.problems = []

    def check(self, value):
        """The problems of one value, as "$.path: text"."""
        self.problems = []
        self._check(value, self.schema, "$")
        return self.problems

    def unused_properties(self):
        """Properties of the schema that no checked value had, as "where.name"."""
        return [f"{where}.{name}" for where, schema in _walk(self.schema, "$") for name in schema.get("properties", {})
                if (id(schema), name) not in self.used]

    def _resolve(self, schema):
        while "$ref" in schema:
            node = self.schema
            for part in schema["$ref"].removeprefix("#/").split("/"):
                node = node[part]
            schema = node
        return schema

    def _fits(self, value, schema):
        """Without noting anything: of several alternatives only the right one counts as used."""
        trial = Validator(self.schema)
        trial._check(value, schema, "$")
        return not trial.problems

    def _check(self, value, schema, path):
        schema = self._resolve(schema)
        for keyword, expected in schema.items():
            if keyword in ANNOTATIONS or keyword in ("properties", "additionalProperties"):
                continue
            getattr(self, f"_{keyword}")(value, expected, path)
        if isinstance(value, dict):
            self._members(value, schema, path)

    def _say(self, path, text):
        self.problems.append(f"{path}: {text}")

    def _members(self, value, schema, path):
        properties = schema.get("properties", {})
        for name, member in value.items():
            if name in properties:
                self.used.add((id(schema), name))
                self._check(member, properties[name], f"{path}.{name}")
            elif schema.get("additionalProperties") is False:
                self._say(path, f"unknown property {name}")
            elif isinstance(schema.get("additionalProperties"), dict):
                self._check(member, schema["additionalProperties"], f"{path}.{name}")

    def _type(self, value, expected, path):
        names = [expected] if isinstance(expected, str) else expected
        for name in names:
            if name == "integer" and isinstance(value, int) and not isinstance(value, bool):
                return
            if name != "integer" and isinstance(value, TYPES[name]):
                return
        self._say(path, f"{value!r:.60} is no {' or '.join(names)}")

    def _required(self, value, expected, path):
        for name in expected:
            if isinstance(value, dict) and name not in value:
                self._say(path, f"{name} is missing")

    def _items(self, value, expected, path):
        if isinstance(value, list):
            for number, item in enumerate(value):
                self._check(item, expected, f"{path}[{number}]")

    def _enum(self, value, expected, path):
        if value not in expected:
            self._say(path, f"{value!r:.60} is none of {expected}")

    def _const(self, value, expected, path):
        if value != expected or isinstance(value, bool) != isinstance(expected, bool):
            self._say(path, f"{value!r:.60} is not {expected!r}")

    def _minimum(self, value, expected, path):
        if isinstance(value, int) and value < expected:
            self._say(path, f"{value} is less than {expected}")

    def _anyOf(self, value, expected, path):
        fitting = [alternative for alternative in expected if self._fits(value, alternative)]
        if fitting:
            self._check(value, fitting[0], path)
        else:
            trial = Validator(self.schema)
            for alternative in expected:
                trial._check(value, alternative, path)
            self._say(path, f"fits no alternative: {'; '.join(trial.problems[:6])}")


def _walk(schema, where):
    """Each schema in a schema that may have properties."""
    yield where, schema
    for keyword, inner in schema.items():
        if keyword in ("properties", "$defs"):
            for name, part in inner.items():
                yield from _walk(part, f"{where}.{name}")
        elif keyword in ("items", "additionalProperties") and isinstance(inner, dict):
            yield from _walk(inner, f"{where}[]")
        elif keyword == "anyOf":
            for part in inner:
                yield from _walk(part, where)
