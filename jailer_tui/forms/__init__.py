"""Making jails from the screen: what the forms ask, and the way from a form to a plan that ran."""
