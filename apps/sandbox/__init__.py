"""A stand-in Salesforce org and language-model endpoint, served over HTTP by its own process."""
