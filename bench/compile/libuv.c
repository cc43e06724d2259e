// bench/compile/libuv.c: hello, after a sleep, in a callback.
#include <stdio.h>

#include <uv.h>

static void hello(uv_timer_t* timer) {
    puts("hello");
    uv_close((uv_handle_t*)timer, NULL);
}

int main(void) {
    uv_timer_t timer;
    uv_timer_init(uv_default_loop(), &timer);
    uv_timer_start(&timer, hello, 10, 0);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
