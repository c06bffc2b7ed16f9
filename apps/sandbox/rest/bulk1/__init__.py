"""Bulk API 1: jobs of batches, in XML, CSV and JSON, as older tools still speak it.

https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/
"""
