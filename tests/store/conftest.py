from tests.redis import connection, redis_folder, redis_url

__all__ = ["connection", "redis_folder", "redis_url"]
