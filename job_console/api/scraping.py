"""Metrics for Prometheus."""

import frappe
from werkzeug.wrappers import Response

from job_console.bridge import metrics as site_metrics
from job_console.bridge.access import guarded


@frappe.whitelist(allow_guest=True, methods=["GET"])
@guarded(site_metrics.may_scrape)
def metrics(token: str = "") -> Response:
    """This site's metrics as OpenMetrics or Prometheus's text. For managers, and for guests with the site's token."""
    body, content_type = site_metrics.exposition()
    return Response(body, content_type=content_type, headers={"Cache-Control": "no-store", "Vary": "Accept"})
