"""Onboarding of a business: from the CRM over checks and three approvals to an account, undone when a step fails."""
