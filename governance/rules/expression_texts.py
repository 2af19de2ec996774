"""What is wrong in an expression, in English by code. Types are named as the language names them."""

from ledger.wording import Texts

say = Texts(
    {
        "argument-of-wrong-type": "expected an argument of type {wanted}, found {found}",
        "arguments-counted": "expected {wanted} arguments, found {found}",
        "boolean-wanted": "expected a boolean in {where}, found {found}",
        "did-you-mean": "; did you mean {names}?",
        "double-quotes": "expected double quotes around a text",
        "end": "the end",
        "expression-missing": "expected an expression, found nothing",
        "filter": "expected a condition or a number in a filter, found {found}",
        "function-wanted": "expected a function, found {found}",
        "list-wanted": "expected a list to loop over, found {found}",
        "negation": "expected a number after `-`, found {found}",
        "no-currency": " (no currency is declared for bare numbers)",
        "no-order": "expected values with an order for `{op}`, found {found}",
        "no-such-property": "expected a property{known}, found `{name}`",
        "no-such-property-of": "expected a property of a {base}{known}, found `{name}`",
        "not-comparable": "expected two values that compare, found {left} and {right}{money}",
        "not-joined": "expected operands that `{op}` joins, found {left} and {right}{money}",
        "one-comparison": "expected one comparison, found a second one; join comparisons with `and`",
        "operator-wanted": "expected an operator{known}, found {found}",
        "or-names": " or {names}",
        "other-result": "expected a result of type {wanted}, found {found}",
        "parentheses": "expected parentheses, for instance `(-2) ** 2` or `(2 ** 3) ** 2`",
        "range-order": "expected the lower end of a range first",
        "test-of": "expected a test of {value}, found {found}{money}",
        "tested": "a test of `?`",
        "text-needs-quotes": "; a text needs double quotes",
        "undeclared-name": "expected a declared name, found `{name}`{hint}",
        "unreadable": "expected an expression, found the character `{character}`",
        "value-wanted": "expected a value, found {found}",
    },
    "feel.",
)
