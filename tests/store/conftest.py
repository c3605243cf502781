from tests.redis import connection, redemptions, redis, redis_folder, redis_url

__all__ = ["connection", "redemptions", "redis", "redis_folder", "redis_url"]
