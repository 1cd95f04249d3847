"""What runs the service elsewhere names what the service has."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from octavo.apps.service import ServiceOptions
from octavo.rag import Settings

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"


def settings_in(text: str) -> set[str]:
    return {name.lower() for name in re.findall(r"OCTAVO_SERVICE_([A-Z_]+)", text)}


def test_every_variable_is_an_option() -> None:
    for file in DEPLOY.iterdir():
        assert settings_in(file.read_text()) <= set(ServiceOptions.model_fields), file.name


def test_probes_and_ports_are_those_of_the_service() -> None:
    claim, deployment, service = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["ports"][0]["containerPort"] == ServiceOptions.model_fields["port"].default
    assert {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")} == {
        "/healthz",
        "/readyz",
    }
    assert deployment["spec"]["replicas"] == 1
    assert claim["metadata"]["name"] in str(deployment)
    assert service["spec"]["selector"] == deployment["spec"]["template"]["metadata"]["labels"]
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["octavo"]
    assert composed["ports"] == ["127.0.0.1:8080:8080"]


def test_the_chroma_server_of_compose_is_one_that_the_settings_reach() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    chroma = composed["services"]["chroma"]
    assert chroma["profiles"] == ["chroma"]
    assert chroma["volumes"] == ["vectors:/data"]
    assert "vectors" in composed["volumes"]
    given = composed["services"]["octavo"]["environment"]
    assert given["OCTAVO_DENSE_INDEX"] == f"${{OCTAVO_DENSE_INDEX:-{Settings().dense_index}}}"
    assert given["OCTAVO_INDEX_URI"] == "${OCTAVO_INDEX_URI:-}"
    assert {name.removeprefix("OCTAVO_").lower() for name in given if "SERVICE" not in name} <= set(
        Settings.model_fields
    )


def test_the_unit_starts_the_command() -> None:
    unit = (DEPLOY / "octavo.service").read_text()
    assert "ExecStart=/opt/octavo/bin/octavo serve --library /var/lib/octavo\n" in unit


def test_the_service_is_not_killed_before_its_answers_had_their_time() -> None:
    _, deployment, _ = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["octavo"]
    unit = re.search(r"TimeoutStopSec=(\d+)", (DEPLOY / "octavo.service").read_text())
    assert unit is not None
    given = {
        deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"],
        int(composed["stop_grace_period"].removesuffix("s")),
        int(unit[1]),
    }
    assert min(given) > ServiceOptions().grace_seconds
