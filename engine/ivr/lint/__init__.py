"""What a flow that the schema accepts would still do wrong to a caller.

The codes are explained in ``ivr_flows/README.md``; each has its test.
"""

from __future__ import annotations

from engine.ivr.findings import Finding
from engine.ivr.lint.known import Known
from engine.ivr.lint.names import check_names
from engine.ivr.lint.prompts import check_prompts, prompt_clashes
from engine.ivr.lint.requests import check_requests
from engine.ivr.lint.variables import check_variables
from engine.ivr.lint.ways import check_ways
from engine.ivr.schema import Flow


def lint(flow: Flow, known: Known) -> list[Finding]:
    """Every problem of one flow, errors first."""
    found = [
        *check_ways(flow, known),
        *check_names(flow, known),
        *check_variables(flow, known),
        *check_requests(flow, known),
        *check_prompts(flow, known),
    ]
    return sorted(found, key=lambda finding: finding.level)  # 'error' < 'warning'; stable


__all__ = ["Known", "lint", "prompt_clashes"]
