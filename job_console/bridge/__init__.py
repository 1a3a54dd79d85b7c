"""What the engine needs, answered by Frappe: the connection, the site's scope, who may do what, realtime."""
