"""Small files of decision models for the tests."""

from typing import Any

from governance.rules.dmn.evaluate import CompiledModel, compile_model
from governance.rules.dmn.model import VERSIONS, Definitions
from governance.rules.dmn.read import read_model

NEWEST = next(namespace for namespace, version in VERSIONS.items() if version == "1.5")


def dmn(body: str, namespace: str = NEWEST, attributes: str = "") -> bytes:
    """A file with this inside its definitions."""
    return (
        f'<definitions xmlns="{namespace}" name="m" namespace="urn:m" id="m" {attributes}>\n{body}\n</definitions>\n'
    ).encode()


def literal(text: str, typed: str = "") -> str:
    """A literal expression."""
    told = f' typeRef="{typed}"' if typed else ""
    marks = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    return f"<literalExpression{told}><text>{''.join(marks.get(c, c) for c in text)}</text></literalExpression>"


def given(name: str, typed: str = "number") -> str:
    """Input data."""
    return f'<inputData id="i_{name}" name="{name}"><variable name="{name}" typeRef="{typed}"/></inputData>'


def decision(name: str, logic: str, needs: str = "", typed: str = "Any") -> str:
    """A decision. `needs`: ids with a letter before that says of what: `i_` input, `d_` decision, `k_` knowledge."""
    told = ""
    for key in needs.split():
        kind = {"i": "requiredInput", "d": "requiredDecision", "k": "requiredKnowledge"}[key[0]]
        around = "knowledgeRequirement" if key[0] == "k" else "informationRequirement"
        told += f'<{around}><{kind} href="#{key}"/></{around}>'
    return f'<decision id="d_{name}" name="{name}"><variable name="{name}" typeRef="{typed}"/>{told}{logic}</decision>'


def knowledge(name: str, parameters: str, logic: str, needs: str = "") -> str:
    """A business knowledge model; parameters as `name:type`."""
    formal = "".join(
        f'<formalParameter name="{one.partition(":")[0]}" typeRef="{one.partition(":")[2] or "Any"}"/>'
        for one in parameters.split()
    )
    told = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{key}"/></knowledgeRequirement>' for key in needs.split()
    )
    return (
        f'<businessKnowledgeModel id="k_{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{told}</businessKnowledgeModel>"
    )


def model(body: str) -> Definitions:
    """The model of a sound file."""
    read = read_model(dmn(body))
    assert read.model is not None, read.findings
    return read.model


def compiled(body: str) -> CompiledModel:
    """The compiled model of a sound file."""
    return compile_model(model(body))


def value(logic: str, **inputs: Any) -> Any:
    """The value of a decision with this logic over numbers, lists or anything."""
    needs = " ".join(f"i_{name}" for name in inputs)
    body = "".join(given(name, "Any") for name in inputs) + decision("d", logic, needs)
    return compiled(body).evaluate("d", inputs)
