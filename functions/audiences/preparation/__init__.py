"""Preparation: a segment becomes files a platform takes as they are, with every row accounted for.

Pure: it reads sources it is given and writes into a local folder. S3, Glue and the bus are at the edges, so
the command line, Lambda, Spark and the tests run the same functions and write the same bytes.
"""
