/* Counts calls of malloc and its like; preloaded into a process (glibc). */

#include <stddef.h>
#include <stdint.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *piece, size_t size);

static uint64_t count;

uint64_t allocations(void) { return count; }

void *malloc(size_t size) {
    count++;
    return __libc_malloc(size);
}

void *calloc(size_t each, size_t size) {
    count++;
    return __libc_calloc(each, size);
}

void *realloc(void *piece, size_t size) {
    count++;
    return __libc_realloc(piece, size);
}
