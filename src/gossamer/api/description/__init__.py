"""What the API is, told to machines: the one description that SDKs, OpenAPI and the docs are made from.

shape      the shapes of requests, from the models
answer     the shapes of answers
operation  every operation: what it takes, what it answers, which errors
service    one version of the API as a whole
example    a body for each operation to start from
openapi    as OpenAPI
page       over HTTP: the OpenAPI document, and a page for people
sdk        as a service description that the AWS CLI and the AWS SDKs load
"""
