"""The only modules that talk to AWS (boto3) and to the network (HTTP). Everything else is pure."""
