from tests.redis import connection, redemptions, redis, redis_folder, redis_url
from tests.serving import address, client, rule_file, start_server

__all__ = [
    "address",
    "client",
    "connection",
    "redemptions",
    "redis",
    "redis_folder",
    "redis_url",
    "rule_file",
    "start_server",
]
