from tests.redis import connection, redis, redis_folder, redis_url

__all__ = ["connection", "redis", "redis_folder", "redis_url"]
