// POOL_FRAMES_ARE_LARGE: a build that is not optimised, or watched by a sanitizer, needs several times the stack.
#pragma once

#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define POOL_FRAMES_ARE_LARGE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define POOL_FRAMES_ARE_LARGE 1
#endif
#endif
