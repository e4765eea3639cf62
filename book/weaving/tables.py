"""The committed TSVs: rows picked by conditions, expressions over columns, printf formats.

A file is `# key: value` lines, a row of column names, then rows; numbers may be inf, -inf, nan.
"""

import ast
import math
import operator
import re

from .repo import Bad

CONDITION = re.compile(r"^(.+?)(<=|>=|!=|=|<|>)(.*)$")
FORMAT = re.compile(r"^((?:[^%]|%%)*)%([-+ 0#]*\d*(?:\.\d+)?)([deEfgGs])((?:[^%]|%%)*)$")
COMPARE = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
              ast.Div: operator.truediv, ast.Pow: operator.pow}
AGGREGATES = {"max": max, "min": min, "sum": sum, "mean": lambda x: sum(x) / len(x),
              "first": lambda x: x[0], "last": lambda x: x[-1], "count": len}
FUNCTIONS = {"abs": abs, "sqrt": math.sqrt, "log": math.log, "exp": math.exp}
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(cell):
    """The cell as a float, or None when it is text."""
    try:
        return float(cell)
    except ValueError:
        return None


class Tsv:
    """Raises Bad for a file that cannot be read; problems inside it are put on its own lines."""

    def __init__(self, repo, path):
        self.path, self.settings, self.columns, self.rows = path, {}, None, []
        self.line_of = []
        for line, text in enumerate(repo.read(path).splitlines(), 1):
            problem = self._take(line, text)
            if problem:
                repo.problem(path, line, problem)
                raise Bad(f"{path} is malformed")
        if not self.rows:
            repo.problem(path, 1, "no rows of data" if self.columns else "no row of column names")
            raise Bad(f"{path} is empty")

    def _take(self, line, text):
        cells = text.split("\t")
        if text.startswith("#"):
            key, colon, value = text[1:].partition(":")
            if self.columns:
                return "a setting after the column names"
            if not colon or key.strip() in self.settings:
                return "not a '# key: value' line" if not colon else f"{key.strip()} set twice"
            self.settings[key.strip()] = value.strip()
        elif self.columns is None:
            self.columns = cells
            if len(set(cells)) < len(cells) or "" in cells:
                return "a column name is empty or used twice"
        elif len(cells) != len(self.columns):
            return f"{len(cells)} cells for {len(self.columns)} columns"
        else:
            self.rows.append(dict(zip(self.columns, cells)))
            self.line_of.append(line)
        return None

    def column(self, name):
        if name not in self.columns:
            raise Bad(f"{self.path} has no column {name} (it has {', '.join(self.columns)})")
        return name

    def select(self, conditions):
        """Indices of the rows where all of `column=value,…` hold; | between values means or, and
        a comma inside a value is written \\,. An `id` that no row has is a mistake: what a condition
        names may change its name."""
        tests = []
        for text in re.split(r"(?<!\\),", conditions) if conditions else []:
            found = CONDITION.match(text.replace("\\,", ","))
            if not found:
                raise Bad(f"{text} is not a condition such as theta=0.5")
            tests.append((self.column(found[1]), found[2], found[3].split("|")))
            if found[1] == "id":
                for wanted in found[3].split("|"):
                    if all(row["id"] != wanted for row in self.rows):
                        raise Bad(f"{self.path} has no id {wanted}")
        return [index for index, row in enumerate(self.rows)
                if all(holds(row[name], sign, wanted) for name, sign, wanted in tests)]

    def evaluate(self, expression, rows):
        """One value: the cell's text where the expression is a column or #setting, else a float."""
        if expression.startswith("#"):
            if expression[1:] not in self.settings:
                raise Bad(f"{self.path} has no setting {expression[1:]}")
            return self.settings[expression[1:]]
        if expression in self.columns:
            value = [self.rows[index][expression] for index in rows]
        else:
            value = self._compute(expression, rows)
        if isinstance(value, list):
            if len(value) != 1:
                lines = ", ".join(str(self.line_of[index]) for index in rows[:5])
                raise Bad(f"{len(value)} rows of {self.path} fit, not one"
                          + (f" (lines {lines}{', …' if len(rows) > 5 else ''})" if rows else ""))
            value = value[0]
        return value

    def _compute(self, expression, rows):
        try:
            tree = ast.parse(expression, mode="eval").body
        except SyntaxError:
            raise Bad(f"{expression} is neither a column of {self.path} nor an "
                      "expression") from None
        try:
            return self._value(tree, rows)
        except (ArithmeticError, ValueError) as error:
            raise Bad(f"{expression}: {error}") from None

    def _value(self, node, rows):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return float(node.value)
        if isinstance(node, ast.Name):
            return [self._number(index, self.column(node.id)) for index in rows]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return spread(operator.neg, self._value(node.operand, rows))
        if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
            return spread(ARITHMETIC[type(node.op)], self._value(node.left, rows),
                          self._value(node.right, rows))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            return self._call(node.func.id, node.args[0], rows)
        raise Bad(f"{ast.unparse(node)}: only columns, numbers, + - * / ** and functions")

    def _call(self, name, argument, rows):
        if name == "count" and isinstance(argument, ast.Name):
            self.column(argument.id)
            return float(len(rows))
        value = self._value(argument, rows)
        if name in FUNCTIONS:
            return spread(FUNCTIONS[name], value)
        if name not in AGGREGATES or not isinstance(value, list):
            raise Bad(f"{name}(…) is not one of "
                      f"{', '.join([*AGGREGATES, *FUNCTIONS])} over a column")
        if not value:
            raise Bad(f"no row of {self.path} fits")
        if any(math.isnan(x) for x in value) and name not in ("first", "last", "count"):
            return math.nan
        return float(AGGREGATES[name](value))

    def _number(self, index, name):
        value = number(self.rows[index][name])
        if value is None:
            raise Bad(f"{self.path}:{self.line_of[index]}: {name} is "
                      f"'{self.rows[index][name]}', not a number")
        return value


def holds(cell, sign, wanted):
    if sign in COMPARE:
        values = [number(cell), *map(number, wanted)]
        if None in values or len(values) != 2:
            raise Bad(f"{sign} compares one number with one number")
        return COMPARE[sign](*values)
    equal = any(cell == want or same_number(number(cell), number(want)) for want in wanted)
    return equal == (sign == "=")


def same_number(a, b):
    return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9)


def spread(function, *values):
    """Applies a function of numbers to numbers and columns, row by row."""
    length = max((len(value) for value in values if isinstance(value, list)), default=None)
    if length is None:
        return function(*values)
    columns = [value if isinstance(value, list) else [value] * length for value in values]
    return [function(*cells) for cells in zip(*columns)]


def show(value, form="%s"):
    """A value as printed in the book: printf's text with ∞, −, ×10ⁿ as people write them."""
    found = FORMAT.match(form)
    if not found:
        raise Bad(f"{form} is not one printf conversion such as %.3f")
    before, flags, kind, after = found.groups()
    numeric = value if isinstance(value, float) else number(value)
    if kind == "s":
        text = f"{value:g}" if isinstance(value, float) else value
        text = f"%{flags}s" % text
    else:
        if numeric is None:
            raise Bad(f"{form} needs a number, not '{value}'")
        if kind == "d" and math.isfinite(numeric) and numeric != int(numeric):
            raise Bad(f"{form} needs a whole number, not {value}")
        text = f"%{flags}{kind}" % numeric if math.isfinite(numeric) else ""
    if numeric is None:
        text = escape(text)
    elif math.isfinite(numeric):
        text = typeset(text)
    else:
        return "undefined" if math.isnan(numeric) else "∞" if numeric > 0 else "−∞"
    return before.replace("%%", "%") + text + after.replace("%%", "%")


def typeset(text):
    mantissa, _, exponent = text.partition("e")
    if not re.search("[1-9]", mantissa):
        mantissa = mantissa.replace("-", "")
    power = f"×10{str(int(exponent)).translate(SUPERSCRIPT)}" if exponent else ""
    return mantissa.replace("-", "−") + power


def escape(text):
    """Text from a TSV as plain text in Markdown."""
    text = re.sub(r"([\\`*$<>|\[\]])", r"\\\1", text)
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", text)
