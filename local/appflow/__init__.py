"""Stand-in of Amazon AppFlow, as far as audiences need it: files in S3 become records of a Salesforce org."""

from local.appflow.service import AppFlow

__all__ = ["AppFlow"]
