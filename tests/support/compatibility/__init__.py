"""Which operations of the API work with which client, found out by calling each of them.

clients    the unmodified clients: boto3, and the AWS CLI's own driver in this process
call       one call and what it must come to
answer      whether a body is what the service's description says of it
scenario   every call of the API of 2019-01-25, in an order in which each comes to what it must
refusing   a server that refuses everything with an error of choice
matrix     carries the calls out with every client, and writes the page
"""
