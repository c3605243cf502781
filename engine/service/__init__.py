"""The gRPC service: messages, servicer, errors, server, client. Sole importer of grpc and of the generated messages."""
