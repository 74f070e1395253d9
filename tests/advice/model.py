"""AWS's own service models, as the judge of every proposed request (botocore is used in tests only)."""

from __future__ import annotations

from functools import lru_cache

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from advisor.advice.action import Action, Ref, thawed


@lru_cache
def service_model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def problems(action: Action) -> str:
    """What AWS's model holds against the request; empty if nothing."""
    operation = service_model(action.service).operation_model(action.operation)
    given = thawed(action.parameters, lambda ref: f"ref-to-{ref.action}")
    if operation.input_shape is None:
        return "" if not given else f"takes no input: {given}"
    report = ParamValidator().validate(given, operation.input_shape)
    return report.generate_report()


def answers(ref: Ref, operation: str, service: str = "ec2") -> bool:
    """Whether an operation's answer has a member at this path."""
    shape = service_model(service).operation_model(operation).output_shape
    for step in ref.path.replace("[0]", ".member").split("."):
        if shape is None:
            return False
        shape = shape.member if step == "member" else shape.members.get(step)
    return shape is not None
