"""Drives PyPI's client of Statuspage: see daemon/machines.rs. Arguments: address, key, what to do, an id."""
import json
import sys

import atlassian_statuspage as statuspage
from atlassian_statuspage.rest import ApiException

address, key, does, id = sys.argv[1:]
configuration = statuspage.Configuration()
configuration.host = address
configuration.api_key["Authorization"] = key
configuration.api_key_prefix["Authorization"] = "OAuth"
client = statuspage.ApiClient(configuration)
incidents, components = statuspage.IncidentsApi(client), statuspage.ComponentsApi(client)


def create():
    new = {"name": "Payments fail", "status": "investigating", "body": "We look.", "components": {"1": "major_outage"}}
    made = incidents.post_pages_page_id_incidents({"incident": new}, "p1")
    named = [[component.id, component.status] for component in made.components]
    return {"id": made.id, "status": made.status, "impact": made.impact, "components": named}


def resolve():
    changed = incidents.patch_pages_page_id_incidents_incident_id({"incident": {"status": "resolved"}}, "p1", id)
    unresolved = [incident.id for incident in incidents.get_pages_page_id_incidents_unresolved("p1")]
    return {"status": changed.status, "updates": len(changed.incident_updates), "unresolved": unresolved}


def component():
    before = components.get_pages_page_id_components_component_id("p1", id)
    after = components.patch_pages_page_id_components_component_id({"component": {"status": "partial_outage"}}, "p1", id)
    return {"before": before.status, "after": after.status}


try:
    result = {"create": create, "resolve": resolve, "component": component}[does]()
except ApiException as refusal:
    result = {"refused": refusal.status}
print(json.dumps(result))
