// bench/floor/protocol.h: what the floors answer: the same bytes, or a response for each head, which is not parsed.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static char response[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
    "\r\nHello, World!";
#define RESPONSE_BYTES (sizeof response - 1)

/// Sets the date, when a second has passed.
static inline void tell_time(void) {
    static time_t told;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec == told) return;
    told = now.tv_sec;
    struct tm parts;
    char text[30];
    gmtime_r(&told, &parts);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    memcpy(strstr(response, "Date: ") + 6, text, 29);
}

/// How many heads end in what has been received. `matched` is how much of an end there was before: 0 to 3 bytes.
static inline unsigned heads_in(const char* received, size_t size, uint8_t* matched) {
    unsigned heads = 0;
    const char* at = received;
    const char* const end = received + size;
    while (at < end) {
        if (*matched == 0) {  // most of a head is skipped by the library's fastest search
            at = memchr(at, '\r', (size_t)(end - at));
            if (!at) break;
        }
        if (*at == "\r\n\r\n"[*matched]) ++*matched;
        else *matched = *at == '\r';
        ++at;
        if (*matched == 4) ++heads, *matched = 0;
    }
    return heads;
}
